import { expect, it } from 'vitest';

import { ticks, tickWord } from './ticks';
import { formatNumber } from './values';

it('finds round marks, also among numbers that are hardly there', () => {
  expect(ticks(0, 937, 5)).toEqual([0, 200, 400, 600, 800]);
  expect(ticks(1e-300, 3e-300, 3)).toEqual([1e-300, 2e-300, 3e-300]);
  expect(ticks(1, 1, 5)).toEqual([1]);
});

it('writes marks in as many digits as tell them apart', () => {
  expect(tickWord(1e12 + 20, 20, formatNumber)).toBe('1000000000020');
  expect(tickWord(2e12, 5e11, formatNumber)).toBe('2e12');
  expect(tickWord(200, 200, formatNumber)).toBe('200');
});
