/** How the values of a parameter stand on an axis. */

import { formatDistinct, numberOf } from '@/lib/values';
import type { Value } from '@/types/api';

/** The places of a parameter's values: numbers as they are, few numbers and other values one after the other. */
export interface ParameterAxis {
  isLog: boolean;
  /** The words at the places of an axis of words. */
  words: string[] | undefined;
  placeOf: (value: Value | undefined) => number | undefined;
}

/** Decades that numbers span before a logarithmic axis may serve them better. */
const DECADES = 1;
/** So many different numbers, and fewer, were chosen from a list if they come back: each has a place of its own. */
const CHOICES = 8;

/** Return the axis for the values of one parameter. */
export function axisOf(values: (Value | undefined)[]): ParameterAxis {
  const known = values.filter((value) => value !== undefined);
  const numbers = numbersOf(known);
  if (numbers === undefined || new Set(numbers).size <= CHOICES)
    return wordAxis(known, numbers !== undefined);
  return { isLog: isLogarithmic(numbers), words: undefined, placeOf: numberOf };
}

/** Return the values as numbers; undefined unless each is a finite one. */
export function numbersOf(values: Value[]): number[] | undefined {
  const numbers = values
    .map(numberOf)
    .filter((number) => number !== undefined)
    .filter(Number.isFinite);
  return numbers.length === values.length ? numbers : undefined;
}

function wordAxis(values: Value[], areNumbers: boolean): ParameterAxis {
  const known = new Map(values.map((value) => [JSON.stringify(value), value]));
  const keys = [...known.keys()].sort(areNumbers ? (left, right) => Number(left) - Number(right) : undefined);
  const places = new Map(keys.map((key, place) => [key, place]));
  return {
    isLog: false,
    words: keys.map((key) => formatDistinct(known.get(key) ?? null)),
    placeOf: (value) => (value === undefined ? undefined : places.get(JSON.stringify(value))),
  };
}

/** Whether numbers lie more evenly on a logarithmic axis: their middle is nearer to the middle of it. */
function isLogarithmic(numbers: number[]): boolean {
  const sorted = numbers.toSorted((left, right) => left - right);
  const [least = 0, middle = 0, most = 0] = [0, 0.5, 1].map(
    (share) => sorted[Math.floor(share * (sorted.length - 1))],
  );
  if (!(least > 0) || Math.log10(most / least) <= DECADES) return false;
  const offCentre = (place: (value: number) => number): number =>
    Math.abs((place(middle) - place(least)) / (place(most) - place(least)) - 0.5);
  return offCentre(Math.log) < offCentre((value) => value);
}
