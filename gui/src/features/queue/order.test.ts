import { expect, it } from 'vitest';

import { afterMoves, moveTo, placeOfKey } from './order';

const jobs = ['a', 'b', 'c', 'd'].map((job_id) => ({ job_id }));

function ids(order: { job_id: string }[]): string {
  return order.map(({ job_id }) => job_id).join('');
}

it('brings a job from any place to any other', () => {
  for (const from of [0, 1, 2, 3]) {
    for (const to of [0, 1, 2, 3]) {
      const move = moveTo(jobs, from, to, 4);
      const order = afterMoves(jobs, move ? [move] : []);
      expect(order[to]).toBe(jobs[from]);
    }
  }
});

it('is the same whether the server has made the move already or not', () => {
  const move = { jobId: 'd', place: 'before', other: 'b' } as const;
  const once = afterMoves(jobs, [move]);
  expect(ids(once)).toBe('adbc');
  expect(afterMoves(once, [move])).toEqual(once);
});

it('stops at the ends of the queue', () => {
  expect(moveTo(jobs, 0, -1, 4)).toBeUndefined();
  expect(moveTo(jobs, 1, 99, 4)).toEqual({ jobId: 'b', place: 'after', other: 'd' });
});

it('brings a job behind all that wait, also behind those that are not shown', () => {
  const move = moveTo(jobs, 1, 999, 1000);
  expect(move).toEqual({ jobId: 'b', place: 'position', other: 999 });
  expect(ids(afterMoves(jobs, move ? [move] : []))).toBe('acd');
});

it('leaves the order alone when a job has started meanwhile', () => {
  expect(ids(afterMoves(jobs, [{ jobId: 'gone', place: 'before', other: 'b' }]))).toBe('abcd');
  expect(ids(afterMoves(jobs, [{ jobId: 'b', place: 'before', other: 'gone' }]))).toBe('abcd');
});

it('knows the keys that move a job', () => {
  expect(placeOfKey('ArrowUp', 2, 4)).toBe(1);
  expect(placeOfKey('End', 0, 4)).toBe(3);
  expect(placeOfKey('x', 0, 4)).toBeUndefined();
});
