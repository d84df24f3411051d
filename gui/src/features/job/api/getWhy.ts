import { queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { jobKey } from '@/lib/getJob';
import { getJson } from '@/lib/request';
import type { Job, Why } from '@/types/api';

/** Milliseconds between two readings while a job waits: it waits for others, whose events name them alone. */
const PACE = 5000;

export function whyQuery(jobId: string) {
  return queryOptions({
    queryKey: [...jobKey(jobId), 'why'],
    queryFn: ({ signal }) => getJson<Why>(paths.why(jobId), signal),
  });
}

/** Why a job waits, runs or ended. */
export function useWhy({ job_id, status }: Job) {
  return useQuery({ ...whyQuery(job_id), refetchInterval: status === 'queued' ? PACE : false });
}
