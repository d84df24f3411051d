import { queryOptions } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import type { ManySeries } from '@/types/api';

import { Batch } from './batch';
import { getJson } from './request';

/** Pixels for which the server thins a series, at most and at least; it keeps every spike. */
const [WIDEST, NARROWEST] = [300, 100];
/** Of all series of a chart together: where many lines cross, nobody sees the points of one, and all take their time. */
const PIXELS = 6000;

/** Series of one request, at most. */
export const MOST_SERIES = 200;

/** By what the charts of one page have in common: what reads their metrics, those wanted at once in one request. */
const batches = new Map<string, Batch<ManySeries>>();

/** One metric of many jobs. */
export function manySeriesQuery(jobIds: string[], metric: string, axis: 'step' | 'time') {
  return queryOptions({
    queryKey: ['many_series', metric, axis, ...jobIds],
    queryFn: () => batchOf(jobIds, axis).get(metric),
    enabled: jobIds.length > 0,
  });
}

/** Return how many metrics of so many jobs one request takes. */
export function metricsAtOnce(jobs: number): number {
  return Math.max(1, Math.floor(MOST_SERIES / Math.max(1, jobs)));
}

function batchOf(jobIds: string[], axis: 'step' | 'time'): Batch<ManySeries> {
  const key = [axis, ...jobIds].join();
  const found = batches.get(key);
  if (found) return found;
  const read = async (metrics: string[]): Promise<ManySeries[]> => {
    batches.delete(key); // whoever comes from now on begins another
    const found = await getJson<ManySeries>(paths.manySeries(jobIds, metrics, axis, widthOf(jobIds)));
    return metrics.map((metric) => ({
      x: found.x,
      series: found.series.filter(({ name }) => name === metric),
      missing: found.missing.filter(({ name }) => name === metric),
    }));
  };
  const batch = new Batch(read, metricsAtOnce(jobIds.length));
  batches.set(key, batch);
  return batch;
}

function widthOf({ length }: string[]): number {
  return Math.max(NARROWEST, Math.min(WIDEST, Math.floor(PIXELS / length)));
}
