import { queryOptions } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/request';
import type { JobPage } from '@/types/api';

/** The newest jobs, which are drawn. */
const SHOWN = 200;

/** The last values of the newest jobs' metrics; the key is that of the project's jobs, so events refresh it. */
export function lastValuesQuery(project: string) {
  const query = { filter: '', sort: '-start_time', fields: 'status,start_time,metrics' };
  return queryOptions({
    queryKey: ['project_jobs', project, 'last_values'],
    queryFn: ({ signal }) => getJson<JobPage>(paths.jobPage(project, query, 0, SHOWN), signal),
  });
}
