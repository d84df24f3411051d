/** Reading what a comparison shows first, while the code of its page is still on its way. */

import type { QueryClient } from '@tanstack/react-query';

import { oneOfManyQuery, readJobs } from '@/lib/getJob';
import { manySeriesQuery, metricsAtOnce } from '@/lib/getManySeries';
import type { Job } from '@/types/api';

import type { CompareSearch } from './compareSearch';
import { metricsOf, parseJobs } from './differences';

/** Charts of which the first screen of a page shows some; the others are read once they are in sight. */
const FIRST_CHARTS = 4;

/** Begin to read the jobs, and then the lines of the first charts. What fails is told by the page, which asks again. */
export function readAhead(
  queryClient: QueryClient,
  { jobs, axis }: { jobs: string | undefined; axis: CompareSearch['axis'] | undefined },
): void {
  const read = async (): Promise<void> => {
    const ids = parseJobs(jobs);
    const reading = readJobs(ids);
    for (const id of ids) queryClient.query(oneOfManyQuery(id)).catch(() => undefined);
    const found = await reading;
    const first = metricsOf(found).slice(0, Math.min(FIRST_CHARTS, metricsAtOnce(found.length)));
    for (const name of first) {
      const query = manySeriesQuery(idsWith(found, name), name, axis === undefined ? 'step' : 'time');
      queryClient.query(query).catch(() => undefined);
    }
  };
  read().catch(() => undefined);
}

function idsWith(jobs: Job[], metric: string): string[] {
  return jobs.filter(({ metrics }) => metrics[metric] !== undefined).map(({ job_id }) => job_id);
}
