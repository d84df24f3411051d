import { queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import type { Series } from '@/types/api';

import { jobKey } from './getJob';
import { getJson } from './request';

/** Pixels for which the server thins a series; it keeps every spike. */
const WIDTH = 800;

function getSeries(jobId: string, name: string, signal: AbortSignal): Promise<Series> {
  return getJson<Series>(paths.series(jobId, name, WIDTH), signal);
}

export function seriesQuery(jobId: string, name: string) {
  return queryOptions({
    queryKey: [...jobKey(jobId), 'series', name],
    queryFn: ({ signal }) => getSeries(jobId, name, signal),
  });
}

/** The points of a metric, read only once somebody can see them. */
export function useSeries(jobId: string, name: string, isSeen: boolean) {
  return useQuery({ ...seriesQuery(jobId, name), enabled: isSeen });
}
