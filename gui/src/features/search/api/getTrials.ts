import { queryOptions } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/request';
import type { JobSummary } from '@/types/api';

/** Trials of one search that are read; the server gives no more at once. */
const MOST = 10_000;

/** The jobs of a search, oldest first, with the extremes of `metric`. */
export function trialsQuery(project: string, search: string, metric: string | undefined) {
  return queryOptions({
    queryKey: ['searches', project, search, metric],
    queryFn: async ({ signal }) => {
      const fields =
        metric === undefined ? [] : ['min', 'max'].map((each) => `metrics.${quoted(metric)}.${each}`);
      const path = paths.filteredJobs(project, filterOf(search), MOST, fields);
      return (await getJson<{ jobs: JobSummary[] }>(path, signal)).jobs.reverse();
    },
    placeholderData: (before) => before,
  });
}

/** Return the filter that the jobs of a search pass. */
export function filterOf(search: string): string {
  return `tags.search == ${quoted(search)}`;
}

function quoted(text: string): string {
  return `"${text.replace(/(["\\])/g, '\\$1')}"`;
}
