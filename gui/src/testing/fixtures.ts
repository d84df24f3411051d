/** Jobs to test with. */

import type {
  Artifact,
  Job,
  JobSummary,
  Lineage,
  MetricSummary,
  Project,
  Relative,
  Why,
  Facet,
  Facets,
} from '@/types/api';

export const JOB_ID = '3f3eda85-1c1f-4f6e-a2b0-5d1de92b7a01';

const NO_JOBS: Project['by_status'] = { queued: 0, pending: 0, running: 0, completed: 0, failed: 0 };

/** A project; of its jobs only the states are told in which there are any. */
export function project(
  name: string,
  {
    by_status: some,
    ...part
  }: Partial<Omit<Project, 'by_status'>> & { by_status?: Partial<Project['by_status']> } = {},
): Project {
  return {
    name,
    creation_time: 1_700_000_000,
    jobs: 0,
    tags: [],
    by_status: { ...NO_JOBS, ...some },
    ...part,
  };
}

export function facets(part: Partial<Facets> = {}): Facets {
  return {
    jobs: 1,
    status: [],
    user: [],
    cause: [],
    mode: [],
    parameters: [],
    metrics: [],
    tags: [],
    ...part,
  };
}

export function facet(name: string, part: Partial<Facet> = {}): Facet {
  return { name, jobs: 1, min: null, max: null, values: [], ...part };
}

export function jobSummary(part: Partial<JobSummary> = {}): JobSummary {
  return {
    job_id: JOB_ID,
    user: 'ada',
    status: 'completed',
    creation_time: 1_767_700_000,
    start_time: 1_767_700_001,
    completed_time: 1_767_700_063,
    duration: 62,
    parameters: {},
    metrics: {},
    tags: {},
    ...part,
  };
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
    system_metrics: {},
    spec: {},
    facts: {},
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

export function relative(jobId: string, part: Partial<Relative> = {}): Relative {
  return {
    job_id: jobId,
    project: 'digits',
    status: 'completed',
    user: 'ada',
    creation_time: 1_767_700_000,
    ...part,
  };
}

export function lineageOf(part: Partial<Lineage> = {}): Lineage {
  const none = { total: 0, jobs: [] };
  return { parent_id: null, parent: null, children: none, bundle_id: null, same_code: none, ...part };
}
