import { expect, it } from 'vitest';

import { job, metric } from '@/testing/fixtures';

import { signOf, silenceOf } from './pace';

function running(last: number, count: number, name = 'loss') {
  const metrics = { [name]: { ...metric(count, 1), last_time: last } };
  return job({ status: 'running', start_time: 1000, duration: 500, completed_time: null, metrics });
}

it('tells how long ago a job logged, and how often it did before', () => {
  expect(signOf(running(1400, 100))).toEqual({ ago: 100, every: 4 });
});

it('has no sign of a job that logged nothing of its own', () => {
  expect(signOf(job({ status: 'running', metrics: {} }))).toBeUndefined();
  expect(signOf(running(1400, 100, 'system.cpu_percent'))).toBeUndefined();
});

it('takes for long what is ten times the usual distance, and a minute at least', () => {
  expect(silenceOf({ ago: 30, every: 0.1 }, 20)).toEqual({ ago: 50, isLong: false });
  expect(silenceOf({ ago: 30, every: 0.1 }, 40)).toEqual({ ago: 70, isLong: true });
  expect(silenceOf({ ago: 200, every: 60 }, 0).isLong).toBe(false);
});
