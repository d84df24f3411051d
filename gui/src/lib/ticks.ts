/** The marks of an axis. */

/** Return at most about `count` round numbers from `least` to `most`. */
export function ticks(least: number, most: number, count: number): number[] {
  const span = most - least;
  if (!(span > 0)) return [least];
  return multiples(least, most, roundStep(span / Math.max(1, count)));
}

/** Return the round number next above a distance between marks. */
export function roundStep(rough: number): number {
  const power = Math.floor(Math.log10(rough));
  const digit = [1, 2, 5].find((each) => Number(`${each}e${power}`) >= rough) ?? 10;
  return Number(`${digit}e${power}`);
}

/** Return the multiples of `step` from `least` to `most`. */
export function multiples(least: number, most: number, step: number): number[] {
  const first = Math.ceil(least / step - 1e-9);
  const last = Math.floor(most / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(15)),
  );
}

/** Digits of a mark that are read at a glance. */
const GLANCE = 5;

/** Return a mark in as many digits as tell it from the next one, `step` away; `format` writes short ones. */
export function tickWord(value: number, step: number, format: (value: number) => string): string {
  const digits = value === 0 ? 1 : Math.ceil(Math.log10(Math.abs(value) / step)) + 1;
  if (!(digits > GLANCE)) return format(value);
  return String(Number(value.toPrecision(Math.min(15, digits)))).replace('-', '−');
}

/** Return the powers of ten from `least` to `most`, or round numbers where there are too few. */
export function logTicks(least: number, most: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(least) - 1e-9), Math.floor(Math.log10(most) + 1e-9)];
  const powers = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => 10 ** (first + index));
  if (powers.length >= 2) return powers;
  return [least, Math.sqrt(least * most), most].map((value) => Number(value.toPrecision(2)));
}
