import { queryOptions } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import type { ManySeries } from '@/types/api';

import { getJson } from './request';

/** Pixels for which the server thins a series, at most and at least; it keeps every spike. */
const [WIDEST, NARROWEST] = [300, 100];
/** Of all series of a chart together: where many lines cross, nobody sees the points of one, and all take their time. */
const PIXELS = 6000;

/** Series of one request, at most. */
export const MOST_SERIES = 200;

/** One metric of many jobs, in one request. */
export function manySeriesQuery(jobIds: string[], metric: string, axis: 'step' | 'time') {
  const width = Math.max(NARROWEST, Math.min(WIDEST, Math.floor(PIXELS / jobIds.length)));
  return queryOptions({
    queryKey: ['many_series', metric, axis, ...jobIds],
    queryFn: ({ signal }) => getJson<ManySeries>(paths.manySeries(jobIds, metric, axis, width), signal),
    enabled: jobIds.length > 0,
  });
}
