/** From jobs to lines across the axes. */

import { numberOf, ownValue } from '@/lib/values';
import type { JobSummary, Value } from '@/types/api';

import { plainStatistic, splitStatistic } from '../knownColumns';
import type { AxisChoice } from './axes';
import { isSpan, type Brush } from './brush';
import { wordOf } from './words';

/** One axis with the place of each job on it. */
export interface Axis extends AxisChoice {
  /** The words of an axis that has no numbers, from the bottom; undefined for one of numbers. */
  words: string[] | undefined;
  low: number;
  high: number;
  /** Jobs that have a value which is not on the axis. */
  undrawn: number;
  /** Of each job: 0 at the bottom to 1 at the top; NaN where it has no value. */
  places: Float32Array;
}

/** Words that an axis can hold; of others it shows the most frequent. */
const MOST_WORDS = 24;

/** Return an axis with the places of all jobs. */
export function makeAxis(choice: AxisChoice, jobs: JobSummary[]): Axis {
  const values = jobs.map((job) => valueOf(job, choice.id));
  const known = values.filter((value) => value !== undefined);
  const numbers = known.filter((value) => numberOf(value) !== undefined);
  const isMixed = numbers.length < known.length && new Set(known.map(wordOf)).size <= MOST_WORDS;
  return numbers.length > 0 && !isMixed ? numberAxis(choice, values) : wordAxis(choice, values);
}

export function valueOf(job: JobSummary, id: string): Value | undefined {
  const { id: plain, statistic } = splitStatistic(id);
  if (plain.startsWith('parameters:')) return ownValue(job.parameters, plain.slice('parameters:'.length));
  const name = plain.slice('output_metrics:'.length);
  const known = plainStatistic(name, statistic);
  return known === 'last' ? ownValue(job.metrics, name) : ownValue(job.summaries, name)?.[known];
}

function numberAxis(choice: AxisChoice, values: (Value | undefined)[]): Axis {
  const numbers = values.map((value) => numberOf(value) ?? NaN);
  const shown = numbers.filter((number) => Number.isFinite(number) && (!choice.isLog || number > 0));
  const low = shown.reduce((one, other) => Math.min(one, other), Infinity);
  const high = shown.reduce((one, other) => Math.max(one, other), -Infinity);
  const axis = { ...choice, words: undefined, low, high };
  const places = Float32Array.from(numbers, (number) => placeOf(axis, number));
  return { ...axis, places, undrawn: undrawnOf(values, places) };
}

function wordAxis(choice: AxisChoice, values: (Value | undefined)[]): Axis {
  const texts = values.map((value) => (value === undefined ? undefined : wordOf(value)));
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  const frequent = [...counts].sort(([, one], [, other]) => other - one).slice(0, MOST_WORDS);
  const words = frequent.map(([word]) => word).sort();
  const known = new Map(words.map((word, index) => [word, wordPlace(index, words.length)]));
  const places = Float32Array.from(texts, (text) => (text === undefined ? NaN : (known.get(text) ?? NaN)));
  return { ...choice, words, low: 0, high: 1, places, undrawn: undrawnOf(values, places) };
}

function undrawnOf(values: (Value | undefined)[], places: Float32Array): number {
  return values.filter((value, job) => value !== undefined && Number.isNaN(places[job])).length;
}

/** Return where a word stands on its axis, from the bottom. */
export function wordPlace(index: number, count: number): number {
  return (index + 0.5) / count;
}

/** Return where a number stands on its axis. */
export function placeOf({ low, high, isLog }: Pick<Axis, 'low' | 'high' | 'isLog'>, number: number): number {
  if (!Number.isFinite(number) || (isLog && number <= 0)) return NaN;
  if (low === high) return 0.5;
  if (!isLog) return (number - low) / (high - low);
  return Math.log(number / low) / Math.log(high / low);
}

/** Return the number that stands at a place of an axis. */
export function numberAt({ low, high, isLog }: Pick<Axis, 'low' | 'high' | 'isLog'>, place: number): number {
  return isLog ? low * (high / low) ** place : low + (high - low) * place;
}

/** Return the indices of the lines that what is brushed holds. */
export function brushedLines(axes: Axis[], brush: Brush, count: number): Uint32Array {
  const tests = axes.flatMap((axis) => {
    const span = brush[axis.id];
    return span ? [{ places: axis.places, holds: holder(axis, span) }] : [];
  });
  const found = new Uint32Array(count);
  let length = 0;
  for (let line = 0; line < count; line += 1) {
    if (tests.every(({ places, holds }) => holds(places[line] ?? NaN))) found[length++] = line;
  }
  return found.subarray(0, length);
}

function holder(axis: Axis, span: Brush[string]): (place: number) => boolean {
  if (isSpan(span)) {
    const [low, high] = [placeOf(axis, span[0]), placeOf(axis, span[1])];
    return (place) => place >= low - 1e-6 && place <= high + 1e-6;
  }
  const words = axis.words ?? [];
  const places = new Set(span.map((word) => Math.fround(wordPlace(words.indexOf(word), words.length))));
  return (place) => places.has(place);
}
