import { queryOptions, useQuery, type QueryKey } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import type { Job } from '@/types/api';

import { getJson } from './request';

function getJob(jobId: string, signal: AbortSignal): Promise<Job> {
  return getJson<Job>(paths.job(jobId), signal);
}

/** Return the beginning of the keys of all that is known of a job. */
export function jobKey(jobId: string): QueryKey {
  return ['jobs', jobId];
}

export function jobQuery(jobId: string) {
  return queryOptions({
    queryKey: [...jobKey(jobId), 'facts'],
    queryFn: ({ signal }) => getJob(jobId, signal),
  });
}

/** One job with what it logged. */
export function useJob(jobId: string) {
  return useQuery(jobQuery(jobId));
}
