import { expect, it } from 'vitest';

import { marksOf, tinyRange } from './plotAxes';

it('marks steps however many there are', () => {
  expect(marksOf('step', 0, 5e12, 5)).toEqual([0, 1e12, 2e12, 3e12, 4e12, 5e12]);
  expect(marksOf('step', 0, 2, 8)).toEqual([0, 1, 2]);
});

it('marks time as people count it', () => {
  expect(marksOf('relative', 0, 200, 5)).toEqual([0, 60, 120, 180]);
});

it('finds a range around numbers that are hardly there, and leaves all others to the chart', () => {
  const [least, most] = tinyRange(1e-300, 3e-300) ?? [];
  expect(least).toBeCloseTo(0.8e-300, 305);
  expect(most).toBeGreaterThan(3e-300);
  expect(tinyRange(0.1, 0.2)).toBeUndefined();
  expect(tinyRange(0, 0)).toBeUndefined();
  expect(tinyRange(null, null)).toBeUndefined();
});
