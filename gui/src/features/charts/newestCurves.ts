/** The newest jobs as lines of charts. */

import type { Curve } from '@/components/curves/curveLines';
import { isSystem } from '@/lib/chartData';
import { shortId } from '@/lib/jobId';
import { lookOf } from '@/lib/lineLooks';
import { groupByValue } from '@/lib/valueGroups';
import { formatDistinct, numberOf, ownValue } from '@/lib/values';
import type { JobPage, JobSummary } from '@/types/api';

/** A job with its line. */
export interface DrawnJob {
  job: JobSummary;
  curve: Curve;
}

/** Jobs that have the same colour, under the value that they have in common. */
export interface DrawnGroup {
  /** undefined where the jobs are not in groups. */
  title: string | undefined;
  jobs: DrawnJob[];
}

/**
 * Return the jobs with their lines, newest first; in groups by a parameter if one is named.
 *
 * A job's look comes from how many came before it: it stays the same while new ones appear above it.
 */
export function drawnGroups(
  { jobs, total }: JobPage,
  parameter: string | undefined,
  hidden: ReadonlySet<string>,
): DrawnGroup[] {
  if (parameter === undefined) {
    return [
      {
        title: undefined,
        jobs: jobs.map((job, place) => drawn(job, total - 1 - place, hidden)),
      },
    ];
  }
  const groups = groupByValue(jobs, ({ parameters }) => ownValue(parameters, parameter));
  return groups.map(({ value, members }, place) => {
    const title = value === undefined ? 'not available' : formatDistinct(value);
    return { title, jobs: members.map((job) => drawn(job, place, hidden, title)) };
  });
}

function drawn(job: JobSummary, look: number, hidden: ReadonlySet<string>, group?: string): DrawnJob {
  const curve: Curve = {
    id: job.job_id,
    label: shortId(job.job_id),
    look: lookOf(look),
    start: job.start_time ?? job.creation_time,
    isLive: job.status === 'running',
    isHidden: hidden.has(job.job_id),
    group,
  };
  return { job, curve };
}

/** Return the metrics of the jobs that have numbers, in the order in which the newest logged them. */
export function metricsOf(jobs: JobSummary[]): string[] {
  const names = jobs.flatMap(({ metrics }) =>
    Object.keys(metrics).filter((name) => !isSystem(name) && numberOf(ownValue(metrics, name)) !== undefined),
  );
  return [...new Set(names)];
}
