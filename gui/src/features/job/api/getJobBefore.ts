import { queryOptions } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { jobKey } from '@/lib/getJob';
import { getJson } from '@/lib/request';
import type { JobPage, JobSummary } from '@/types/api';

/** The job of the project that was created before this one, with its parameters; null for the first. */
export function jobBeforeQuery(project: string, jobId: string) {
  return queryOptions({
    queryKey: [...jobKey(jobId), 'before'],
    queryFn: async ({ signal }): Promise<JobSummary | null> => {
      const { jobs } = await getJson<JobPage>(paths.jobBefore(project, jobId), signal);
      return jobs[0] ?? null;
    },
    staleTime: Infinity,
  });
}
