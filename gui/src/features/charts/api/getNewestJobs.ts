import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { jobsKey, readJobPage } from '@/lib/getJobPage';

/** What a chart asks of its jobs. */
const FIELDS = ['job_id', 'status', 'creation_time', 'start_time', 'metrics'];

/** Which jobs are drawn. */
export interface NewestJobs {
  project: string;
  /** In the server's language. */
  filter: string;
  count: number;
  /** What is asked of each job besides, as the server names it. */
  fields: string[];
}

export function newestJobsQuery({ project, filter, count, fields }: NewestJobs) {
  const query = { filter, sort: '', fields: [...FIELDS, ...fields].join() };
  return queryOptions({
    queryKey: [...jobsKey(project), 'newest', query, count],
    queryFn: ({ signal }) => readJobPage(paths.jobPage(project, query, 0, count), signal),
  });
}

/** The newest jobs that hold a filter. Those of the filter before stay until they are here. */
export function useNewestJobs(wanted: NewestJobs) {
  return useQuery({ ...newestJobsQuery(wanted), placeholderData: keepPreviousData });
}
