/** What the server answers. Names and nesting are the server's. */

/** A value that somebody logged. Numbers that JSON cannot hold arrive as "NaN", "Infinity" or "-Infinity". */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

export type JobStatus = 'queued' | 'pending' | 'running' | 'completed' | 'failed';

/** GET /api/v3/projects, one entry. */
export interface Project {
  name: string;
  creation_time: number;
  jobs: number;
  by_status: Partial<Record<JobStatus, number>>;
}

/** What is known of a metric without its points. */
export type Statistic = 'last' | 'first' | 'min' | 'max';

/** One job of GET /api/v3/projects/<name>/jobs. Times are seconds since the epoch; `duration` is in seconds. */
export interface JobSummary {
  job_id: string;
  status: JobStatus;
  user: string | null;
  creation_time: number;
  start_time: number | null;
  completed_time: number | null;
  duration: number | null;
  parameters: Record<string, Value>;
  /** The last value of each. */
  metrics: Record<string, Value>;
  tags: Record<string, Value>;
  /** Other statistics, where they were asked for. */
  summaries?: Record<string, Partial<Record<Statistic, Value>>>;
}

export interface FacetValue {
  value: string;
  jobs: number;
}

/** What is known of a name that jobs log under. */
export interface Facet {
  name: string;
  jobs: number;
  /** Of its numbers; null where it has none. */
  min: number | string | null;
  max: number | string | null;
  /** The most frequent values that are no numbers. */
  values: FacetValue[];
}

/** GET /api/v3/projects/<name>/facets: what the jobs of a project can be filtered by. */
export interface Facets {
  jobs: number;
  status: FacetValue[];
  user: FacetValue[];
  cause: FacetValue[];
  mode: FacetValue[];
  parameters: Facet[];
  metrics: Facet[];
  tags: Facet[];
}

/** GET /api/v3/projects/<name>/jobs. */
export interface JobPage {
  jobs: JobSummary[];
  /** Jobs on all pages. */
  total: number;
  cursor: string | null;
}

/** What became of a change of many jobs. */
export interface BulkReport {
  done: string[];
  failed: { job_id: string; code: string; detail: string }[];
}

export interface MetricSummary {
  count: number;
  first: Value;
  last: Value;
  min: number | string | null;
  max: number | string | null;
  last_time: number;
}

export interface Artifact {
  key: string;
  filename: string;
  /** Below the job's own folder in the archive. */
  path: string;
  size: number | null;
  sha256: string | null;
  uri: string;
  /** What it was made to be, if it was made to be looked at. */
  kind?: 'figure' | 'image' | 'audio' | 'table';
  /** Of one of a series: what the series is called, and its place in it. */
  name?: string;
  step?: number;
}

export type Cause =
  | 'user_code'
  | 'exit_code'
  | 'stopped_by_user'
  | 'oom'
  | 'image_pull'
  | 'dependency_install'
  | 'timeout'
  | 'engine_lost'
  | 'lost_heartbeat'
  | 'invalid_spec';

/** The exception that ended the user's code. */
export interface JobError {
  type?: string;
  message?: string;
  traceback?: string;
  frame?: string | null;
}

/** GET /api/v3/jobs/<id>. Times are seconds since the epoch; `duration` is in seconds. */
export interface Job {
  job_id: string;
  project: string;
  user: string | null;
  status: JobStatus;
  mode: 'scheduled' | 'execution';
  cause: Cause | null;
  cause_detail: string | null;
  exit_code: number | null;
  error: JobError | null;
  creation_time: number;
  start_time: number | null;
  completed_time: number | null;
  duration: number | null;
  parameters: Record<string, Value>;
  tags: Record<string, Value>;
  metrics: Record<string, MetricSummary>;
  /** What the SDK measured of the machine; an older server has it among the metrics. */
  system_metrics?: Record<string, MetricSummary>;
  artifacts: Artifact[];
  spec: Record<string, Value> | null;
  facts?: Record<string, Value>;
}

/** GET /api/v3/jobs/<id>/series/<name>. */
export interface Series {
  name: string;
  values: Value[];
  times: number[];
  steps: (number | null)[];
}

/** A part of a series, for GET /api/v3/jobs/<id>/series/<name>. Times are seconds since the epoch. */
export interface SeriesPart {
  axis: 'step' | 'time';
  from: number;
  to: number;
}

/** GET /api/v3/series. */
export interface ManySeries {
  x: 'step' | 'time';
  series: { job_id: string; name: string; x: (number | null)[]; values: Value[] }[];
}

/** One event of GET /api/v3/events. */
export interface ServerEvent {
  kind: string;
  job_id: string;
  project: string;
  status: string;
}

export interface Resources {
  num_gpus: number;
  /** GB. */
  ram: number | null;
  cpus: number | null;
  gpu_model?: string | null;
  gpu_memory?: number | null;
}

/** What the scheduler says of a job that has not ended. Times are seconds since the epoch. */
interface SchedulerJob {
  job_id: string;
  project: string;
  user: string | null;
  priority: number;
  resources: Resources;
  time_limit: number | null;
  attempt: number;
  attempts: number;
  /** When it was submitted. */
  since: number;
  code: string;
  reason: string;
}

/** One job of GET /api/v3/queue. */
export interface WaitingJob extends SchedulerJob {
  position: number;
  blocking: string[];
  promised_start: number | null;
}

export interface Queue {
  total: number;
  jobs: WaitingJob[];
}

/** One job of GET /api/v3/running. */
export interface ActiveJob extends SchedulerJob {
  status: JobStatus;
  started: number | null;
  gpus: string[];
  engine: string;
  ends_by: number | null;
  time_left: number | null;
}

export interface Gpu {
  id: string;
  model: string | null;
  /** GB, as is `memory_used`. */
  memory: number | null;
  job: string | null;
  /** Percent. */
  utilization: number | null;
  memory_used: number | null;
}

/** One machine of GET /api/v3/nodes. null is not counted. */
export interface Node {
  name: string;
  engine: string;
  leader: boolean;
  slots: number;
  slots_used: number;
  cpus: number | null;
  cpus_used: number;
  ram: number | null;
  ram_used: number;
  gpus: Gpu[];
  jobs: string[];
}

export type ScheduleStatus = 'active' | 'paused';

/** One entry of GET /scheduled_jobs, which is an object from ids to these. */
export interface Schedule {
  next_run_time: (number | null)[];
  schedule: Record<string, string | null>;
  status: ScheduleStatus;
  properties: { job_id: string; spec: Record<string, Value>; metadata: Record<string, Value> };
  timezone: string;
  runs: string[];
  last_fired: number | null;
  last_skipped: { time: number; reason: string } | null;
}

/** GET /api/v3/jobs/<id>/why. */
export interface Why {
  job_id: string;
  status: JobStatus;
  position: number | null;
  ahead: number | null;
  code: string;
  reason: string;
  blocking: string[];
  promised_start: number | null;
  not_before: number | null;
  gpus: string[];
  attempt: number;
  attempts: number;
}

/** One job of GET /api/v3/jobs/<job_id>/lineage. */
export interface Relative {
  job_id: string;
  project: string;
  status: JobStatus;
  user: string | null;
  creation_time: number;
}

export interface Relatives {
  total: number;
  /** The newest of them, newest first. */
  jobs: Relative[];
}

/** GET /api/v3/jobs/<job_id>/lineage. */
export interface Lineage {
  /** The job that submitted it; `parent` is null when that is gone. */
  parent_id: string | null;
  parent: Relative | null;
  children: Relatives;
  bundle_id: string | null;
  same_code: Relatives;
}
