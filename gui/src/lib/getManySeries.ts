import { queryOptions } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import type { ManySeries } from '@/types/api';

import { getJson } from './request';

/** Pixels for which the server thins each series; it keeps every spike. */
const WIDTH = 300;

/** Series of one request, at most. */
export const MOST_SERIES = 200;

/** One metric of many jobs, in one request. */
export function manySeriesQuery(jobIds: string[], metric: string, axis: 'step' | 'time') {
  return queryOptions({
    queryKey: ['many_series', metric, axis, ...jobIds],
    queryFn: ({ signal }) => getJson<ManySeries>(paths.manySeries(jobIds, metric, axis, WIDTH), signal),
    enabled: jobIds.length > 0,
  });
}
