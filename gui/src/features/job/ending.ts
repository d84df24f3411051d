/** How a job stands, in words. */

import { formatDuration } from '@/lib/duration';
import type { Cause, Job } from '@/types/api';

/** What each cause means, and where it helps, what to do. */
const CAUSES: Record<Cause, string> = {
  user_code: 'The script raised an exception.',
  exit_code: 'The command ended with an error.',
  stopped_by_user: 'Somebody stopped it.',
  oom: 'It ran out of memory. Ask for more with `ram` in job.config.yaml.',
  image_pull: 'Its Docker image could not be fetched.',
  dependency_install: 'Its requirements could not be installed. The log says which.',
  timeout: 'It took longer than its time limit.',
  engine_lost: 'The machine or the engine that ran it was lost.',
  lost_heartbeat: 'It stopped giving signs of life: its process or its machine went away without a word.',
  invalid_spec: 'It asked for something that the scheduler does not allow.',
};

/** What to do after an end that has a remedy. */
const HINTS: Partial<Record<Cause, string>> = {
  oom: 'Ask for more memory with `foundations submit --ram`, or with `ram` in job.config.yaml.',
  timeout:
    'Give it more time with `foundations submit --time-limit`, or let it save its state and go on from there.',
  image_pull: 'Check the image’s name, and whether the machine that runs jobs can reach its registry.',
  dependency_install: 'The log says which requirement could not be installed.',
  engine_lost: '`foundations submit --retries 2` tries a job again after such an end.',
  lost_heartbeat: 'The process or its machine went away without a word; its last lines may say why.',
};

/** Return what to do after the job failed; undefined where nothing general helps. */
export function hintOf({ cause }: Job): string | undefined {
  return cause === null ? undefined : HINTS[cause];
}

/** Whether the job has ended, well or badly. */
export function hasEnded(job: Pick<Job, 'status'>): boolean {
  return job.status === 'completed' || job.status === 'failed';
}

/** Return one or two sentences: how the job stands, or how it ended and why. */
export function describeState(job: Job): string {
  switch (job.status) {
    case 'queued':
      return 'It waits in the queue until what it asks for is free.';
    case 'pending':
      return 'The scheduler has taken it and prepares its environment.';
    case 'running':
      return 'It runs now; this page follows it.';
    case 'completed':
      return job.duration === null
        ? 'It ended well.'
        : `It ended well after ${formatDuration(job.duration)}.`;
    case 'failed':
      return describeFailure(job);
  }
}

/** Return where the exception was raised, as a path in the user's own project. */
export function placeOf(frame: string): string {
  return frame.replace(/^.*\/job_source\//, '');
}

/** Return the file of the project, and the line in it, at which the exception was raised; undefined for one of others. */
export function sourceOf(frame: string): { file: string; line: number } | undefined {
  const [, file, line] = /^(.+?), line (\d+)/.exec(placeOf(frame)) ?? [];
  return file === undefined || file.startsWith('/') ? undefined : { file, line: Number(line) };
}

function describeFailure(job: Job): string {
  const { cause, cause_detail: detail, exit_code: code, error } = job;
  if (error?.type && (cause === null || cause === 'user_code' || cause === 'exit_code')) {
    return [`The script raised ${error.type}`, error.message && `: ${error.message}`]
      .filter(Boolean)
      .join('');
  }
  const sentence = cause === null ? 'It failed, and no reason was recorded.' : CAUSES[cause];
  const further = detail ?? (code === null ? '' : `Its exit code was ${code}.`);
  return further && !sentence.includes(further) ? `${sentence} ${further}` : sentence;
}
