import { queryOptions } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import type { ManySeries, SeriesPart } from '@/types/api';

import { Batch } from './batch';
import { getJson, sendJson } from './request';

/** Pixels for which the server thins a series, at most and at least; it keeps every spike. */
const [WIDEST, NARROWEST] = [300, 80];
/** Of all series of a chart together: where many lines cross, nobody sees the points of one, and all take their time. */
const PIXELS = 5000;
/** Characters of an address that every server on the way takes; what is longer is sent as a body. */
const LONGEST = 4000;

/** Series of one request, at most. */
export const MOST_SERIES = 200;

/** By what the charts of one page have in common: what reads their metrics, those wanted at once in one request. */
const batches = new Map<string, Batch<ManySeries>>();

/** One metric of many jobs; of a part of the axis if one is given, which then has more detail. */
export function manySeriesQuery(
  jobIds: string[],
  metric: string,
  axis: SeriesPart['axis'],
  part?: Omit<SeriesPart, 'axis'>,
) {
  return queryOptions({
    queryKey: ['many_series', metric, axis, part ?? null, ...jobIds],
    queryFn: () => batchOf(jobIds, axis, part).get(metric),
    enabled: jobIds.length > 0,
  });
}

/** Return how many metrics of so many jobs one request takes. */
export function metricsAtOnce(jobs: number): number {
  return Math.max(1, Math.floor(MOST_SERIES / Math.max(1, jobs)));
}

type Part = Omit<SeriesPart, 'axis'> | undefined;

function batchOf(jobIds: string[], axis: SeriesPart['axis'], part: Part): Batch<ManySeries> {
  const key = [axis, part?.from, part?.to, ...jobIds].join();
  const found = batches.get(key);
  if (found) return found;
  const read = async (metrics: string[]): Promise<ManySeries[]> => {
    batches.delete(key); // whoever comes from now on begins another
    const found = await readSeries(jobIds, metrics, axis, part);
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

function readSeries(
  jobs: string[],
  metrics: string[],
  axis: SeriesPart['axis'],
  part: Part,
): Promise<ManySeries> {
  const width = widthOf(jobs);
  const path = paths.manySeries(jobs, metrics, axis, width, part);
  if (path.length <= LONGEST) return getJson<ManySeries>(path);
  return sendJson<ManySeries>('POST', paths.allSeries, { jobs, metrics, x: axis, width, ...part });
}

function widthOf({ length }: string[]): number {
  return Math.max(NARROWEST, Math.min(WIDEST, Math.floor(PIXELS / length)));
}
