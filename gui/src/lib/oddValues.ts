/** What a chart cannot draw, in words. */

import type { Value } from '@/types/api';

import { formatCount, formatNumber, numberOf } from './values';

/**
 * Return what of a metric's values is no finite number, as in "10 NaN, 1 ∞"; "" where all are. `count`: how many points
 * were logged, of which the server sends fewer when there are many; then only the kinds are known.
 */
export function oddValues(values: Value[], count: number): string {
  const kinds = new Map<string, number>();
  for (const value of values) {
    const number = numberOf(value);
    if (number === undefined || Number.isFinite(number)) continue;
    const word = formatNumber(number);
    kinds.set(word, (kinds.get(word) ?? 0) + 1);
  }
  const isWhole = values.length >= count;
  return [...kinds]
    .map(([word, times]) => (isWhole ? `${formatCount(times)} ${word}` : `some ${word}`))
    .join(', ');
}

/** Whether none of the lines has a value that a logarithmic axis can show, though some have values. */
export function isBelowLog(lines: { data: { y: (number | null)[] } }[]): boolean {
  const values = lines.flatMap(({ data }) => data.y.filter((value) => value !== null));
  return values.length > 0 && values.every((value) => value <= 0);
}
