/**
 * What the server answers, as its OpenAPI document says it: `npm run types` makes `api/schema.ts` of the document.
 *
 * What stands here by hand is what the document does not say.
 */

import type { components } from '@/api/schema';

type Schemas = components['schemas'];

/** A value that somebody logged. Numbers that JSON cannot hold arrive as "NaN", "Infinity" or "-Infinity". */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** A type of the document, with `Value` for any value, and without what a newer server may add. */
type Read<T> = unknown extends T
  ? Value
  : Schemas['Value'] extends T
    ? Value
    : T extends (infer Each)[]
      ? Read<Each>[]
      : T extends object
        ? ReadObject<T>
        : T;
type ReadObject<T extends object> = [keyof Named<T>] extends [never]
  ? { [Name in keyof T]: Read<T[Name]> }
  : Named<T>;
type Named<T> = { [Name in keyof T as string extends Name ? never : Name]: Read<T[Name]> };

export type JobStatus = Schemas['JobStatus'];
export type Project = Read<Schemas['Project']>;
/** A choice of filter, order and columns of a project's table, under a name. */
export type View = Read<Schemas['View']>;

/** What is known of a metric without its points. */
export type Statistic = 'last' | 'first' | 'min' | 'max';

type Row = Read<Schemas['JobRow']>;
/** A row with what every table asks for. Times are seconds since the epoch; `duration` is in seconds. */
export type JobSummary = Required<Omit<Row, 'summaries' | 'project' | 'mode' | 'cause'>> &
  Pick<Row, 'summaries'>;

export type Facet = Read<Schemas['Facet']>;
export type Facets = Read<Schemas['Facets']>;
export type FacetValue = Facet['values'][number];

/** GET /api/v3/projects/<name>/jobs. */
export interface JobPage {
  jobs: JobSummary[];
  /** Jobs on all pages. */
  total: number;
  cursor: string | null;
}

export type BulkReport = Read<Schemas['BulkReport']>;
export type MetricSummary = Read<Schemas['MetricSummary']>;
export type Artifact = Read<Schemas['Artifact']>;
export type Cause = Schemas['Cause'];
export type Job = Read<Schemas['Job']>;
/** The exception that ended the user's code. */
export type JobError = NonNullable<Job['error']>;
export type ManyJobs = Read<Schemas['ManyJobs']>;
export type Series = Read<Schemas['Series']>;
export type ManySeries = Read<Schemas['Curves']>;

/** A part of a series, for GET /api/v3/jobs/<id>/series/<name>. Times are seconds since the epoch. */
export interface SeriesPart {
  axis: 'step' | 'time';
  from: number;
  to: number;
}

/** One event of GET /api/v3/events, whose stream the document does not describe. */
export interface ServerEvent {
  kind: string;
  job_id: string;
  project: string;
  status: string;
}

/** What a job asks for; GB of memory. */
export type Resources = Read<Schemas['WaitingJob']['resources']> & {
  gpu_model?: string | null;
  gpu_memory?: number | null;
};
export type WaitingJob = Omit<Read<Schemas['WaitingJob']>, 'resources'> & { resources: Resources };
export type ActiveJob = Omit<Read<Schemas['ActiveJob']>, 'resources'> & { resources: Resources };
export type Queue = Omit<Schemas['Queue'], 'jobs'> & { jobs: WaitingJob[] };
export type Gpu = Schemas['Gpu'];
export type Node = Schemas['Node'];

export type ScheduleStatus = Schemas['ScheduleEntry']['status'];
/** One entry of GET /scheduled_jobs, which is an object from ids to these. */
export type Schedule = Omit<
  Read<Schemas['ScheduleEntry']>,
  'properties' | 'schedule' | 'created' | 'misfire_grace'
> & {
  schedule: Record<string, string | null>;
  properties: { job_id: string; spec: Record<string, Value>; metadata: Record<string, Value> };
};

export type Why = Read<Schemas['Why']>;
export type Relative = Schemas['Relative'];
export type Lineage = Schemas['Lineage'];
/** The newest of some jobs, newest first, and how many there are. */
export type Relatives = Lineage['children'];
