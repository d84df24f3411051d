import { expect, it } from 'vitest';

import { jobSummary } from '@/testing/fixtures';

import { likelyGoal, progressOf, ranked, trialsOf, variedParameters } from './trials';

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

it('takes no name for what every object of the language has', () => {
  const jobs = [JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 2}'), {}].map((parameters) =>
    jobSummary({ parameters: parameters as Record<string, number>, metrics: {} }),
  );
  expect(variedParameters(jobs)).toEqual(['__proto__']);
  expect(variedParameters(jobs.slice(0, 1))).toEqual([]);
  expect(trialsOf(jobs, 'constructor', 'max').map(({ value, logged }) => [value, logged])).toEqual(
    jobs.map(() => [undefined, undefined]),
  );
});
