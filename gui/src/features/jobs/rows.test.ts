import { describe, expect, it } from 'vitest';

import { listedJob, listing } from '@/testing/fixtures';

import { filterRows, toRows, type JobRow } from './rows';

function rowOf(part: Parameters<typeof listedJob>[0]): JobRow {
  const [row] = toRows(listing([listedJob(part)]), 0);
  if (!row) throw new Error('no row');
  return row;
}

describe('toRows', () => {
  it('reads times as UTC and the duration in seconds', () => {
    const row = rowOf({ start_time: '2026-01-06T12:00:00', duration: '0d1h0m5s' });
    expect(row.launched).toBe(Date.UTC(2026, 0, 6, 12));
    expect(row.duration).toBe(3605);
  });

  it('keeps the last value of a metric that was logged more than once', () => {
    const row = rowOf({
      output_metrics: [
        { name: 'loss', value: [2, 1, 'NaN'], type: 'array number' },
        { name: 'once', value: 0.5, type: 'number' },
      ],
    });
    expect(row.metrics.get('loss')).toBe('NaN');
    expect(row.metrics.get('once')).toBe(0.5);
  });

  it('takes a job that waits, and one that logged nothing', () => {
    const row = rowOf({ status: 'queued', start_time: null, duration: null, user: null });
    expect(row.launched).toBeUndefined();
    expect(row.duration).toBeUndefined();
    expect(row.user).toBe('');
  });

  it('takes a parameter that is an empty list', () => {
    const row = rowOf({ job_parameters: [{ name: 'x', value: [], type: 'array unknown' }] });
    expect(row.parameters.get('x')).toEqual([]);
  });
});

describe('filterRows', () => {
  const rows = toRows(
    listing([
      listedJob({ job_id: 'a', user: 'Ada', job_parameters: [{ name: 'lr', value: 0.1, type: 'number' }] }),
      listedJob({ job_id: 'b', user: 'Bob', status: 'failed', tags: { model: 'mlp' } }),
    ]),
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
