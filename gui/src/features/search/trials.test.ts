import { expect, it } from 'vitest';

import { jobSummary } from '@/testing/fixtures';

import { axisOf, likelyGoal, progressOf, ranked, trialsOf } from './trials';

const JOBS = [
  jobSummary({
    job_id: 'a',
    creation_time: 100,
    completed_time: 130,
    metrics: { acc: 0.5 },
    tags: { trial: '1' },
  }),
  jobSummary({ job_id: 'b', creation_time: 100, completed_time: 110, metrics: { acc: 0.7 } }),
  jobSummary({ job_id: 'c', creation_time: 100, completed_time: 120, metrics: { acc: 'NaN' } }),
];

it('puts the best first and those without a number last', () => {
  const trials = trialsOf(JOBS, 'acc', 'max');
  expect(ranked(trials, 'max').map(({ job }) => job.job_id)).toEqual(['b', 'a', 'c']);
  expect(ranked(trials, 'min').map(({ job }) => job.job_id)).toEqual(['a', 'b', 'c']);
});

it('judges a trial by the best value that it had on its way', () => {
  const job = jobSummary({ metrics: { acc: 0.2 }, summaries: { acc: { max: 0.9, min: 0.1 } } });
  expect(trialsOf([job], 'acc', 'max')[0]?.value).toBe(0.9);
});

it('tells how the best came about, in the order in which trials ended', () => {
  expect(progressOf(trialsOf(JOBS, 'acc', 'max'), 'max', 200).map(({ at, best }) => [at, best])).toEqual([
    [10, 0.7],
    [30, 0.7],
  ]);
});

it('knows of which metrics little is good', () => {
  expect([likelyGoal('val_loss'), likelyGoal('accuracy')]).toEqual(['min', 'max']);
});

it('gives words places of their own, and numbers over decades a logarithmic axis', () => {
  expect(axisOf(['adam', 'sgd', 'adam']).words).toEqual(['adam', 'sgd']);
  expect(axisOf([0.001, 0.1]).isLog).toBe(true);
  expect(axisOf([1, 2]).isLog).toBe(false);
});
