import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/request';
import type { Queue } from '@/types/api';

import { schedulerKey } from './scheduler';

export function queueQuery(limit: number) {
  return queryOptions({
    queryKey: [...schedulerKey(), 'queue', limit],
    queryFn: ({ signal }) => getJson<Queue>(paths.queuePage(limit), signal),
    placeholderData: keepPreviousData,
  });
}

/** The first `limit` jobs that wait, first to run first, and how many wait in all. */
export function useQueue(limit: number) {
  return useQuery(queueQuery(limit));
}
