import { expect, it } from 'vitest';

import { isBelowLog, oddValues } from './oddValues';

it('counts what is no finite number', () => {
  expect(oddValues([1, 'NaN', 'Infinity', 'NaN'], 4)).toBe('2 NaN, 1 ∞');
  expect(oddValues([1, 2], 2)).toBe('');
  expect(oddValues([1, '-Infinity'], 5000)).toBe('some −∞');
});

it('knows when a logarithmic axis has nothing to show', () => {
  expect(isBelowLog([{ data: { y: [0, null, -1] } }])).toBe(true);
  expect(isBelowLog([{ data: { y: [0, 1] } }])).toBe(false);
  expect(isBelowLog([{ data: { y: [null] } }])).toBe(false);
});
