import { describe, expect, it } from 'vitest';

import { jobSummary } from '@/testing/fixtures';

import { filterRows, metricOf, toRows } from './rows';

describe('toRows', () => {
  it('takes a job that waits, and one that logged nothing', () => {
    const [row] = toRows([jobSummary({ status: 'queued', start_time: null, duration: null, user: null })], 0);
    expect(row).toMatchObject({ launched: undefined, duration: undefined, user: '' });
  });

  it('keeps the row of a job that was not read again', () => {
    const jobs = [jobSummary()];
    expect(toRows(jobs, 1)[0]).toBe(toRows(jobs, 2)[0]);
  });
});

it('reads the last value of a metric, or another statistic', () => {
  const [row] = toRows([jobSummary({ metrics: { loss: 2 }, summaries: { loss: { min: 1 } } })], 0);
  if (!row) throw new Error('no row');
  expect([metricOf(row, 'loss'), metricOf(row, 'loss', 'min'), metricOf(row, 'loss', 'max')]).toEqual([
    2,
    1,
    undefined,
  ]);
});

describe('filterRows', () => {
  const rows = toRows(
    [
      jobSummary({ job_id: 'a', user: 'Ada', parameters: { lr: 0.1 } }),
      jobSummary({ job_id: 'b', user: 'Bob', status: 'failed', tags: { model: 'mlp' } }),
    ],
    0,
  );
  const found = (filter: string): string[] => filterRows(rows, filter).map(({ id }) => id);

  it('finds users, states, tags and parameters in any case', () => {
    expect(found('ADA')).toEqual(['a']);
    expect(found('failed')).toEqual(['b']);
    expect(found('model=mlp')).toEqual(['b']);
    expect(found('lr=0.1')).toEqual(['a']);
  });

  it('wants every word', () => {
    expect(found('bob mlp')).toEqual(['b']);
    expect(found('bob lr')).toEqual([]);
  });

  it('finds all without a word', () => {
    expect(found('  ')).toEqual(['a', 'b']);
  });
});
