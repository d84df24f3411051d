import { expect, it } from 'vitest';

import { jobSummary } from '@/testing/fixtures';

import { groupJobs, spreadOf } from './grouping';

it('groups by the value, smallest first and what has none last', () => {
  const jobs = [10, 2, undefined, 10].map((size) =>
    jobSummary({ parameters: size === undefined ? {} : { size } }),
  );
  const groups = groupJobs(jobs, 'parameters:size');
  expect(groups.map(({ value, jobs: own }) => [value, own.length])).toEqual([
    [2, 1],
    [10, 2],
    [undefined, 1],
  ]);
});

it('tells mean, deviation and ends of the numbers alone', () => {
  const jobs = [1, 3, 'NaN'].map((loss) => jobSummary({ metrics: { loss } }));
  expect(spreadOf(jobs, 'output_metrics:loss')).toEqual({
    count: 2,
    mean: 2,
    deviation: Math.SQRT2,
    min: 1,
    max: 3,
  });
  expect(spreadOf(jobs, 'output_metrics:other')).toBeUndefined();
});
