/** Where a job comes from. */

import { formatValue } from '@/lib/values';
import type { Job } from '@/types/api';

/** Tags by which a search marks its jobs. */
const SEARCH = 'search';
const TRIAL = 'trial';

export interface Lineage {
  /** The search that the job is a trial of. */
  search?: { id: string; trial: string | undefined };
  /** The schedule that the job is a run of. */
  schedule?: string;
}

/** A run of a schedule is named by it and by the time. */
const RUN = /^(.+)_\d{8}_\d{6}$/;

/** Return what is known of where a job comes from. */
export function lineageOf({ job_id: id, tags }: Pick<Job, 'job_id' | 'tags'>): Lineage {
  const search = tags[SEARCH];
  const trial = tags[TRIAL];
  const schedule = RUN.exec(id)?.[1];
  return {
    ...(typeof search === 'string' &&
      search !== '' && {
        search: { id: search, trial: trial === undefined ? undefined : formatValue(trial) },
      }),
    ...(schedule !== undefined && { schedule }),
  };
}
