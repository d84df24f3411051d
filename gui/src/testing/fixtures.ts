/** Jobs to test with. */

import type { Artifact, Job, JobListing, ListedJob, MetricSummary, Project, Why } from '@/types/api';

export const JOB_ID = '3f3eda85-1c1f-4f6e-a2b0-5d1de92b7a01';

export function project(name: string, part: Partial<Project> = {}): Project {
  return { name, creation_time: 1_700_000_000, jobs: 0, by_status: {}, ...part };
}

export function listedJob(part: Partial<ListedJob> = {}): ListedJob {
  return {
    job_id: JOB_ID,
    user: 'ada',
    project: 'digits',
    status: 'completed',
    job_parameters: [],
    output_metrics: [],
    start_time: '2026-01-06T12:00:00.123456',
    completed_time: '2026-01-06T12:01:02',
    creation_time: 1_767_700_000,
    duration: '0d0h1m2s',
    tags: {},
    ...part,
  };
}

/** A listing of these jobs; its names are gathered as the server does. */
export function listing(jobs: ListedJob[]): JobListing {
  return {
    name: 'digits',
    jobs,
    parameters: names(jobs.flatMap((job) => job.job_parameters)),
    output_metric_names: names(jobs.flatMap((job) => job.output_metrics)),
  };
}

function names(values: { name: string; type: string }[]): { name: string; type: string }[] {
  return [...new Map(values.map(({ name, type }) => [name, { name, type }])).values()];
}

export function job(part: Partial<Job> = {}): Job {
  return {
    job_id: JOB_ID,
    project: 'digits',
    user: 'ada',
    status: 'completed',
    mode: 'scheduled',
    cause: null,
    cause_detail: null,
    exit_code: 0,
    error: null,
    creation_time: 1_767_700_000,
    start_time: 1_767_700_001,
    completed_time: 1_767_700_063,
    duration: 62,
    parameters: {},
    tags: {},
    metrics: {},
    artifacts: [],
    spec: null,
    ...part,
  };
}

export function metric(count: number, last: number): MetricSummary {
  return { count, first: 0, last, min: 0, max: last, last_time: 1_767_700_060 };
}

export function artifact(filename: string, part: Partial<Artifact> = {}): Artifact {
  return {
    key: filename,
    filename,
    path: `user_artifacts/${filename}`,
    size: 1200,
    sha256: null,
    uri: '',
    ...part,
  };
}

export function whyOf(part: Partial<Why> = {}): Why {
  return {
    job_id: JOB_ID,
    status: 'completed',
    position: null,
    ahead: null,
    code: 'completed',
    reason: 'It completed.',
    blocking: [],
    promised_start: null,
    not_before: null,
    gpus: [],
    attempt: 1,
    attempts: 1,
    ...part,
  };
}
