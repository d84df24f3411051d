/** From the server's listing to the rows and columns of the table. */

import { parseDuration } from '@/lib/duration';
import { parseUtc } from '@/lib/time';
import { formatValue, fullValue } from '@/lib/values';
import type { JobListing, JobStatus, ListedJob, NamedValue, Value } from '@/types/api';

export interface JobRow {
  id: string;
  status: JobStatus;
  user: string;
  /** Milliseconds since the epoch; undefined while the job waits. */
  launched: number | undefined;
  created: number;
  /** Seconds, as of `readAt`. */
  duration: number | undefined;
  /** When the listing was read, in milliseconds since the epoch. */
  readAt: number;
  tags: [string, Value][];
  parameters: ReadonlyMap<string, Value>;
  /** The last value of each metric. */
  metrics: ReadonlyMap<string, Value>;
  /** All that the filter looks through, in lower case. */
  text: string;
}

/** Return a row for each job, in the order of the listing. */
export function toRows(listing: Pick<JobListing, 'jobs'>, readAt: number): JobRow[] {
  return listing.jobs.map((job) => toRow(job, readAt));
}

function toRow(job: ListedJob, readAt: number): JobRow {
  const tags = Object.entries(job.tags);
  const parameters = new Map(job.job_parameters.map(({ name, value }) => [name, value]));
  return {
    id: job.job_id,
    status: job.status,
    user: job.user ?? '',
    launched: parseUtc(job.start_time),
    created: job.creation_time * 1000,
    duration: parseDuration(job.duration),
    readAt,
    tags,
    parameters,
    metrics: new Map(job.output_metrics.map((metric) => [metric.name, lastOf(metric)])),
    text: [job.job_id, job.status, job.user ?? '', ...[...tags, ...parameters].flatMap(searchTexts)]
      .join('\n')
      .toLowerCase(),
  };
}

/** A metric that was logged once is listed as its value, one that was logged again as the list of its values. */
function lastOf({ value }: NamedValue): Value {
  return Array.isArray(value) ? (value.at(-1) ?? null) : value;
}

function searchTexts([name, value]: [string, Value]): string[] {
  const [short, full] = [formatValue(value), fullValue(value)];
  return short === full ? [`${name}=${full}`] : [`${name}=${short}`, `${name}=${full}`];
}

/** Return the rows that contain every word of `filter`; a word such as `lr=0.1` finds a parameter or a tag. */
export function filterRows(rows: JobRow[], filter: string): JobRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? rows : rows.filter(({ text }) => words.every((word) => text.includes(word)));
}
