/** One order for all that people log, so that every column can be sorted. */

import type { Value } from '@/types/api';

import { numberOf } from './values';

export type SortKey = number | string | undefined;

/** Return what a value is sorted by; undefined, which goes last, for what is missing or no number. */
export function sortKey(value: Value | undefined): SortKey {
  if (value === undefined || value === null || value === '') return undefined;
  const number = numberOf(value);
  if (number !== undefined) return Number.isNaN(number) ? undefined : number;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Order two keys, smaller first; numbers come before words, "run 2" before "run 10". */
export function compareKeys(left: SortKey, right: SortKey): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'number') return -1;
  if (typeof right === 'number') return 1;
  return words.compare(left ?? '', right ?? '');
}
