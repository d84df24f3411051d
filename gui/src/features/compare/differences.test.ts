import { expect, it } from 'vitest';

import { job, metric } from '@/testing/fixtures';

import { compareParameters, metricsOf, parseJobs } from './differences';

it('puts the parameters that differ first, and counts one that is missing as different', () => {
  const jobs = [
    job({ parameters: { seed: 1, lr: 0.1 } }),
    job({ parameters: { seed: 1, lr: 0.2, note: 'x' } }),
  ];
  expect(compareParameters(jobs)).toEqual([
    { name: 'lr', values: [0.1, 0.2], isSame: false },
    { name: 'note', values: [undefined, 'x'], isSame: false },
    { name: 'seed', values: [1, 1], isSame: true },
  ]);
});

it('finds the metrics that make a line anywhere', () => {
  const jobs = [
    job({ metrics: { loss: metric(1, 1), once: metric(1, 1) } }),
    job({ metrics: { loss: metric(9, 1) } }),
  ];
  expect(metricsOf(jobs)).toEqual(['loss']);
});

it('reads the jobs of an address', () => {
  expect(parseJobs('a,b,,a')).toEqual(['a', 'b']);
  expect(parseJobs(undefined)).toEqual([]);
});
