import { expect, it } from 'vitest';

import { jobSummary } from '@/testing/fixtures';
import type { Value } from '@/types/api';

import { FEWEST, importanceOf, ranksOf } from './importance';
import { trialsOf } from './trials';

/** Numbers from 0 to 1 that follow no order. */
function scattered(index: number): number {
  return (index * 0.618_034) % 1;
}

function share(count: number, value: (index: number) => Value, given: (index: number) => Value) {
  const jobs = Array.from({ length: count }, (_, index) =>
    jobSummary({
      job_id: `job-${index}`,
      metrics: { loss: value(index) },
      parameters: JSON.parse(`{"__proto__": ${JSON.stringify(given(index))}}`) as Record<string, Value>,
    }),
  );
  return importanceOf(trialsOf(jobs, 'loss', 'min'), '__proto__');
}

it('sees that a parameter decides everything, also where the best lies in the middle', () => {
  expect(share(60, scattered, scattered)).toMatchObject({ isClear: true });
  expect(share(60, scattered, scattered)?.share).toBeGreaterThan(0.9);
  const middle = share(60, (index) => Math.abs(scattered(index) - 0.5), scattered);
  expect(middle?.isClear).toBe(true);
  expect(middle?.share).toBeGreaterThan(0.6);
});

it('sees what a word decides', () => {
  const found = share(
    40,
    (index) => scattered(index) + (index % 2),
    (index) => (index % 2 ? 'sgd' : 'adam'),
  );
  expect(found?.isClear).toBe(true);
});

it('finds nothing clear where nothing is', () => {
  const noise = (index: number): number => (index * 7919) % 101;
  expect(share(100, noise, scattered)?.isClear).toBe(false);
  expect(share(100, noise, (index) => `word ${index % 4}`)?.isClear).toBe(false);
});

it('says nothing of few trials, of one value, of as many values as trials, and of results that are all equal', () => {
  expect(share(FEWEST - 1, scattered, scattered)).toBeUndefined();
  expect(share(60, scattered, () => 1)).toBeUndefined();
  expect(share(60, scattered, (index) => `run ${index}`)).toBeUndefined();
  expect(share(60, () => 1, scattered)).toBeUndefined();
});

it('counts no trial whose result is no finite number', () => {
  expect(share(30, (index) => (index % 2 ? 'NaN' : scattered(index)), scattered)).toBeUndefined();
});

it('gives equal numbers the same rank', () => {
  expect(ranksOf([5, 1, 5, 3])).toEqual([2.5, 0, 2.5, 1]);
});
