import { queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/request';
import type { JobListing } from '@/types/api';

function getJobListing(project: string, signal: AbortSignal): Promise<JobListing> {
  return getJson<JobListing>(paths.jobListing(project), signal);
}

/** Return the key of one project's listing, or of all listings. */
export function jobListingKey(project?: string): readonly string[] {
  return project === undefined ? ['job_listing'] : ['job_listing', project];
}

export function jobListingQuery(project: string) {
  return queryOptions({
    queryKey: jobListingKey(project),
    queryFn: ({ signal }) => getJobListing(project, signal),
  });
}

/** All jobs of a project with what they logged. */
export function useJobListing(project: string) {
  return useQuery(jobListingQuery(project));
}
