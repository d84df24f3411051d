/** What the scheduler says, to test with. */

import type { ActiveJob, Node, Schedule, WaitingJob } from '@/types/api';

/** What is the same of a job whether it waits or runs. */
const JOB = {
  project: 'digits',
  user: 'ada',
  priority: 0,
  resources: { num_gpus: 0, ram: null, cpus: null },
  time_limit: null,
  attempt: 1,
  attempts: 1,
  since: 1_767_700_000,
};

export function waitingJob(job_id: string, part: Partial<WaitingJob> = {}): WaitingJob {
  return {
    ...JOB,
    job_id,
    code: 'slot',
    reason: 'All 2 workers are busy.',
    position: 0,
    blocking: [],
    promised_start: null,
    ...part,
  };
}

export function activeJob(job_id: string, part: Partial<ActiveJob> = {}): ActiveJob {
  return {
    ...JOB,
    job_id,
    code: 'running',
    reason: 'It has been running.',
    status: 'running',
    started: 1_767_700_000,
    gpus: [],
    engine: 'process',
    ends_by: null,
    time_left: null,
    ...part,
  };
}

export function node(part: Partial<Node> = {}): Node {
  return {
    name: 'lab',
    engine: 'process',
    leader: true,
    slots: 4,
    slots_used: 1,
    cpus: 16,
    cpus_used: 4,
    ram: 64,
    ram_used: 20,
    gpus: [],
    jobs: [],
    ...part,
  };
}

export function schedule(part: Partial<Schedule> = {}): Schedule {
  return {
    next_run_time: [4_000_000_000, 4_000_086_400, null],
    schedule: { minute: '30', hour: '6' },
    status: 'active',
    properties: { job_id: 'nightly', spec: {}, metadata: { project_name: 'digits' } },
    timezone: 'Europe/Berlin',
    runs: [],
    last_fired: null,
    last_skipped: null,
    ...part,
  };
}
