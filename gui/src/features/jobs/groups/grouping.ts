/** Jobs in groups by the value of a parameter, and what their metrics are in each. */

import { spreadOfNumbers, type Spread } from '@/lib/spread';
import { groupByValue } from '@/lib/valueGroups';
import { numberOf } from '@/lib/values';
import type { JobSummary, Value } from '@/types/api';

import { valueOf } from '../parallel/lines';

export interface JobGroup {
  /** undefined where jobs do not have the parameter. */
  value: Value | undefined;
  jobs: JobSummary[];
}

/** Return the jobs in groups by what they have in a column, in the order of the values. */
export function groupJobs(jobs: JobSummary[], column: string): JobGroup[] {
  return groupByValue(jobs, (job) => valueOf(job, column)).map(({ value, members }) => ({
    value,
    jobs: members,
  }));
}

/** Return what a metric is like in a group; undefined where no job has a finite number. */
export function spreadOf(jobs: JobSummary[], column: string): Spread | undefined {
  const numbers = jobs
    .map((job) => numberOf(valueOf(job, column)))
    .filter((number): number is number => number !== undefined && Number.isFinite(number));
  return spreadOfNumbers(numbers);
}
