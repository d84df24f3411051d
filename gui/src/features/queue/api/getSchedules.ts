import { queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/request';
import type { Schedule } from '@/types/api';

import { schedulerKey } from './scheduler';

/** Milliseconds between two readings: no event tells that somebody changed a schedule. */
const PACE = 10_000;

export function schedulesQuery() {
  return queryOptions({
    queryKey: [...schedulerKey(), 'schedules'],
    queryFn: async ({ signal }) =>
      Object.entries(await getJson<Record<string, Schedule>>(paths.schedules, signal)),
    refetchInterval: PACE,
  });
}

/** Every schedule with its id. */
export function useSchedules() {
  return useQuery(schedulesQuery());
}
