import { queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { jobKey } from '@/lib/getJob';
import { getJson } from '@/lib/request';
import type { Job, Lineage } from '@/types/api';

import { hasEnded } from '../ending';

/** Milliseconds between two readings while a job runs: the events of what it submits do not name it. */
const PACE = 10_000;

function lineageQuery(jobId: string) {
  return queryOptions({
    queryKey: [...jobKey(jobId), 'lineage'],
    queryFn: ({ signal }) => getJson<Lineage>(paths.lineage(jobId), signal),
  });
}

/** Who submitted a job, what it submitted, and which others run its code. */
export function useLineage(job: Job) {
  return useQuery({ ...lineageQuery(job.job_id), refetchInterval: hasEnded(job) ? false : PACE });
}
