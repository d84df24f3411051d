/** From the server's jobs to the rows of the table. */

import { formatValue, fullValue } from '@/lib/values';
import type { JobStatus, JobSummary, Statistic, Value } from '@/types/api';

export interface JobRow {
  id: string;
  status: JobStatus;
  user: string;
  /** Milliseconds since the epoch; undefined while the job waits. */
  launched: number | undefined;
  /** Seconds, as of `readAt`. */
  duration: number | undefined;
  /** When the job was read, in milliseconds since the epoch. */
  readAt: number;
  tags: [string, Value][];
  job: JobSummary;
}

/** Rows by the jobs that they show: a job that was not read again keeps its row, and its line is not drawn again. */
const known = new WeakMap<JobSummary, JobRow>();

/** Return a row for each job, in the order of `jobs`. */
export function toRows(jobs: JobSummary[], readAt: number): JobRow[] {
  return jobs.map((job) => {
    const row = known.get(job) ?? toRow(job, readAt);
    known.set(job, row);
    return row;
  });
}

function toRow(job: JobSummary, readAt: number): JobRow {
  return {
    id: job.job_id,
    status: job.status,
    user: job.user ?? '',
    launched: job.start_time === null ? undefined : job.start_time * 1000,
    duration: job.duration ?? undefined,
    readAt,
    tags: Object.entries(job.tags),
    job,
  };
}

/** Return one statistic of a metric: the last value unless another is asked for. */
export function metricOf({ job }: JobRow, name: string, statistic: Statistic = 'last'): Value | undefined {
  return statistic === 'last' ? job.metrics[name] : job.summaries?.[name]?.[statistic];
}

/** All that the filter looks through, in lower case; made when it is first looked through. */
const texts = new WeakMap<JobSummary, string>();

function textOf({ job, tags }: JobRow): string {
  const text = texts.get(job) ?? makeText(job, tags);
  texts.set(job, text);
  return text;
}

function makeText(job: JobSummary, tags: [string, Value][]): string {
  const named = [...tags, ...Object.entries(job.parameters)].flatMap(searchTexts);
  return [job.job_id, job.status, job.user ?? '', ...named].join('\n').toLowerCase();
}

function searchTexts([name, value]: [string, Value]): string[] {
  const [short, full] = [formatValue(value), fullValue(value)];
  return short === full ? [`${name}=${full}`] : [`${name}=${short}`, `${name}=${full}`];
}

/** Return the rows that contain every word of `filter`; a word such as `lr=0.1` finds a parameter or a tag. */
export function filterRows(rows: JobRow[], filter: string): JobRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = textOf(row);
    return words.every((word) => text.includes(word));
  });
}
