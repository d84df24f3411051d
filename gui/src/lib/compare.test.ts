import { expect, it } from 'vitest';

import { compareKeys, sortKey } from './compare';

it('orders numbers by size and puts them before words', () => {
  const keys = [10, 'adam', 9, -1, Infinity].map(sortKey);
  expect([...keys].sort(compareKeys)).toEqual([-1, 9, 10, Infinity, 'adam']);
});

it('orders words as people count', () => {
  expect(['run 10', 'run 2', 'Run 1'].sort(compareKeys)).toEqual(['Run 1', 'run 2', 'run 10']);
});

it('leaves what is missing or no number without a key', () => {
  expect([undefined, null, '', 'NaN'].map(sortKey)).toEqual([undefined, undefined, undefined, undefined]);
});

it('reads infinity as the largest number', () => {
  expect(compareKeys(sortKey('Infinity'), sortKey(1e300))).toBeGreaterThan(0);
});

it('orders false before true', () => {
  expect(compareKeys(sortKey(false), sortKey(true))).toBeLessThan(0);
});
