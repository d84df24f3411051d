import { expect, it } from 'vitest';

import { jobSummary } from '@/testing/fixtures';

import { drawnGroups, metricsOf } from './newestCurves';
import { readingsOf } from './readings';

const NOBODY = new Set<string>();

function page(total: number, ...ids: string[]) {
  return { jobs: ids.map((job_id) => jobSummary({ job_id })), total, cursor: null };
}

it('keeps the look of a job while new ones appear above it', () => {
  const lookOf = (jobs: ReturnType<typeof page>) =>
    drawnGroups(jobs, undefined, NOBODY)[0]?.jobs.find(({ curve }) => curve.id === 'a')?.curve.look;
  expect(lookOf(page(7, 'b', 'a'))).toEqual(lookOf(page(8, 'c', 'b', 'a')));
});

it('gives the jobs of one value one look, under that value', () => {
  const jobs = [3, undefined, 3].map((seed, place) =>
    jobSummary({ job_id: `j${place}`, parameters: seed === undefined ? {} : { seed } }),
  );
  const groups = drawnGroups({ jobs, total: 3, cursor: null }, 'seed', new Set(['j2']));
  expect(groups.map(({ title, jobs: own }) => [title, own.map(({ curve }) => curve.id)])).toEqual([
    ['3', ['j0', 'j2']],
    ['not available', ['j1']],
  ]);
  const [first, second] = groups[0]?.jobs ?? [];
  expect(first?.curve.look).toEqual(second?.curve.look);
  expect(second?.curve.isHidden).toBe(true);
});

it('draws what has numbers, and leaves the machine to the page of a job', () => {
  const jobs = [
    jobSummary({ metrics: { loss: 1, name: 'text', 'system.cpu': 3 } }),
    jobSummary({ metrics: { acc: 'NaN' } }),
  ];
  expect(metricsOf(jobs)).toEqual(['loss', 'acc']);
});

it('tells the last and the best of each line', () => {
  const lines = [{ name: 'a', colour: '', data: { x: [0, 1, 2], y: [0.5, 0.2, null] } }];
  expect(readingsOf({ name: 'loss', lines }, 'last').get('a')).toBe('0.2');
  expect(readingsOf({ name: 'loss', lines }, 'best').get('a')).toBe('0.2');
  expect(readingsOf({ name: 'accuracy', lines }, 'best').get('a')).toBe('0.5');
});
