/** Jobs in groups by the value of a parameter, and what their metrics are in each. */

import { compareKeys, sortKey } from '@/lib/compare';
import { numberOf } from '@/lib/values';
import type { JobSummary, Value } from '@/types/api';

import { valueOf } from '../parallel/lines';

/** What the numbers of a group are like. */
export interface Spread {
  count: number;
  mean: number;
  /** The standard deviation of the jobs; 0 for one. */
  deviation: number;
  min: number;
  max: number;
}

export interface JobGroup {
  /** undefined where jobs do not have the parameter. */
  value: Value | undefined;
  jobs: JobSummary[];
}

/** Return the jobs in groups by what they have in a column, in the order of the values. */
export function groupJobs(jobs: JobSummary[], column: string): JobGroup[] {
  const groups = new Map<string, JobGroup>();
  for (const job of jobs) {
    const value = valueOf(job, column);
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.jobs.push(job);
    else groups.set(key, { value, jobs: [job] });
  }
  return [...groups.values()].sort(byValue);
}

/** Return what tells one value from another; a job without the parameter is of no other's group. */
export function keyOf(value: Value | undefined): string {
  return value === undefined ? '' : JSON.stringify(value);
}

function byValue({ value: one }: JobGroup, { value: other }: JobGroup): number {
  if (one === undefined || other === undefined)
    return Number(one === undefined) - Number(other === undefined);
  return compareKeys(sortKey(one), sortKey(other));
}

/** Return what a metric is like in a group; undefined where no job has a finite number. */
export function spreadOf(jobs: JobSummary[], column: string): Spread | undefined {
  const numbers = jobs
    .map((job) => numberOf(valueOf(job, column)))
    .filter((number): number is number => number !== undefined && Number.isFinite(number));
  return spreadOfNumbers(numbers);
}

export function spreadOfNumbers(numbers: number[]): Spread | undefined {
  if (numbers.length === 0) return undefined;
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const squares = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0);
  return {
    count: numbers.length,
    mean,
    deviation: numbers.length > 1 ? Math.sqrt(squares / (numbers.length - 1)) : 0,
    min: numbers.reduce((one, other) => Math.min(one, other)),
    max: numbers.reduce((one, other) => Math.max(one, other)),
  };
}

/** The curve of a group: at each place the mean of its jobs, and the least and the most of them. */
export interface GroupCurve {
  x: number[];
  y: (number | null)[];
  band: { low: (number | null)[]; high: (number | null)[] };
}

/** Places at which a curve is reckoned. */
const PLACES = 160;

/** Return the curve of several series. Between its points a series has the value of the last one before. */
export function curveOf(series: { x: number[]; y: (number | null)[] }[]): GroupCurve {
  const ends = series.flatMap(({ x }) => [x[0], x.at(-1)]).filter((end) => end !== undefined);
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  const count = ends.length === 0 ? 0 : from === to ? 1 : Math.min(PLACES, to - from + 1);
  const x = Array.from({ length: Math.ceil(count) }, (_, place) =>
    count <= 1 ? from : from + ((to - from) * place) / (Math.ceil(count) - 1),
  );
  const columns = series.map((each) => sampled(each, x));
  const spreads = x.map((_, place) =>
    spreadOfNumbers(columns.map((column) => column[place] ?? null).filter((value) => value !== null)),
  );
  return {
    x,
    y: spreads.map((spread) => spread?.mean ?? null),
    band: {
      low: spreads.map((spread) => spread?.min ?? null),
      high: spreads.map((spread) => spread?.max ?? null),
    },
  };
}

/** A series says nothing before its first point, and nothing behind its last. */
function sampled(series: { x: number[]; y: (number | null)[] }, places: number[]): (number | null)[] {
  let next = 0;
  const end = series.x.at(-1) ?? -Infinity;
  return places.map((place) => {
    while (next < series.x.length && (series.x[next] ?? Infinity) <= place) next += 1;
    return next === 0 || place > end ? null : (series.y[next - 1] ?? null);
  });
}
