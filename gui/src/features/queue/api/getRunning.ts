import { queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/request';
import type { ActiveJob } from '@/types/api';

import { schedulerKey } from './scheduler';

export function runningQuery() {
  return queryOptions({
    queryKey: [...schedulerKey(), 'running'],
    queryFn: async ({ signal }) => (await getJson<{ jobs: ActiveJob[] }>(paths.running, signal)).jobs,
  });
}

/** The jobs that run or are being prepared. */
export function useRunning() {
  return useQuery(runningQuery());
}
