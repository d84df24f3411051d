import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { PAUSE, Refresher } from './refresher';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function counting(milliseconds: number) {
  const reads: string[] = [];
  const refresher = new Refresher<string>(
    (thing) => {
      reads.push(thing);
      return new Promise((resolve) => setTimeout(resolve, milliseconds));
    },
    (thing) => thing,
  );
  return { reads, refresher };
}

it('reads at once when first asked', () => {
  const { reads, refresher } = counting(10);
  refresher.ask('jobs');
  expect(reads).toEqual(['jobs']);
});

it('reads once more for all that is asked meanwhile', async () => {
  const { reads, refresher } = counting(10);
  for (let count = 0; count < 50; count += 1) refresher.ask('jobs');
  await vi.advanceTimersByTimeAsync(PAUSE * 10);
  expect(reads).toEqual(['jobs', 'jobs']);
});

it('rests longer when reading takes long', async () => {
  const { reads, refresher } = counting(2000);
  refresher.ask('jobs');
  refresher.ask('jobs');
  await vi.advanceTimersByTimeAsync(5900);
  expect(reads).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(reads).toHaveLength(2);
});

it('does not let one thing wait for another', () => {
  const { reads, refresher } = counting(60_000);
  refresher.ask('slow');
  refresher.ask('other');
  expect(reads).toEqual(['slow', 'other']);
});

it('goes on after a reading that failed', async () => {
  let reads = 0;
  const refresher = new Refresher<string>(
    () => {
      reads += 1;
      return Promise.reject(new Error('no'));
    },
    (thing) => thing,
  );
  refresher.ask('jobs');
  await vi.advanceTimersByTimeAsync(PAUSE * 2);
  refresher.ask('jobs');
  await vi.advanceTimersByTimeAsync(PAUSE * 2);
  expect(reads).toBe(2);
});
