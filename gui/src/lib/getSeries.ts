import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import type { Series, SeriesPart } from '@/types/api';

import { jobKey } from './getJob';
import { getJson } from './request';

/** Pixels for which the server thins a series; it keeps every spike. */
const WIDTH = 800;

/** The points of a metric, of a part of it if one is given. */
export function seriesQuery(jobId: string, name: string, part?: SeriesPart) {
  return queryOptions({
    queryKey: [...jobKey(jobId), 'series', name, ...(part ? [part] : [])],
    queryFn: ({ signal }) => getJson<Series>(paths.series(jobId, name, WIDTH, part), signal),
  });
}

/**
 * The points of a metric, read only once somebody can see them. Of a part, the points at hand are shown until those of
 * the part arrive.
 */
export function useSeries(jobId: string, name: string, isSeen: boolean, part?: SeriesPart) {
  return useQuery({
    ...seriesQuery(jobId, name, part),
    enabled: isSeen,
    ...(part && { placeholderData: keepPreviousData }),
  });
}
