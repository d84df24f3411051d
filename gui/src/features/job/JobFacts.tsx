import { Duration } from '@/components/Duration';
import { Moment } from '@/components/Moment';
import { formatDuration } from '@/lib/duration';
import { describeNeeds } from '@/lib/needs';
import type { Job, Resources, Value, Why } from '@/types/api';

import { useWhy } from './api/getWhy';
import { hasEnded } from './ending';
import classes from './NamedValues.module.css';

/** The facts of a job's life: those that the reader would not guess. */
export function JobFacts({ job, readAt }: { job: Job; readAt: number }) {
  const { data: why } = useWhy(job);
  const facts = [...lifeOf(job, readAt), ...wishesOf(job, why)].filter(([, fact]) => fact !== null);
  return (
    <dl className={classes.list} aria-label="Facts">
      {facts.map(([name, fact]) => (
        <div key={name} className={classes.pair}>
          <dt>{name}</dt>
          <dd className={classes.value}>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}

type Fact = [string, React.ReactNode];

function lifeOf(job: Job, readAt: number): Fact[] {
  const { start_time: start, completed_time: end, duration, exit_code: code } = job;
  return [
    ['User', job.user],
    ['Created', start === null ? <Moment at={job.creation_time * 1000} /> : null],
    ['Launched', start === null ? null : <Moment at={start * 1000} />],
    ['Waited', start === null ? null : waitedBefore(start - job.creation_time)],
    ['Ended', end === null ? null : <Moment at={end * 1000} />],
    [
      'Duration',
      duration === null ? null : (
        <Duration seconds={duration} since={job.status === 'running' ? readAt : undefined} />
      ),
    ],
    ['Run by', job.mode === 'execution' ? 'its own process' : null],
    ['Exit code', code === 0 ? null : code],
  ];
}

/** A wait of a second or more is told. */
function waitedBefore(seconds: number): string | null {
  return seconds < 1 ? null : formatDuration(seconds);
}

/** What was asked for, and what of it the job has. */
function wishesOf(job: Job, why: Why | undefined): Fact[] {
  const { spec } = job;
  const limit = spec['time_limit'];
  const priority = spec['priority'];
  const command = commandOf(spec['command']);
  const gpus = why?.gpus ?? [];
  const tries = why && why.attempts > 1 && `${why.attempt} of ${why.attempts}`;
  return [
    ['Resources', describeNeeds((spec['resources'] ?? {}) as Partial<Resources>) || null],
    [gpus.length === 1 ? 'GPU' : 'GPUs', gpus.length > 0 ? gpus.join(', ') : null],
    ['Time limit', typeof limit === 'number' ? formatDuration(limit) : null],
    ['Priority', typeof priority === 'number' && priority !== 0 ? priority : null],
    [hasEnded(job) ? 'Attempts' : 'Attempt', tries || null],
    ['Command', command && <code title={command}>{command}</code>],
  ];
}

function commandOf(words: Value | undefined): string | null {
  return Array.isArray(words) && words.length > 0 ? words.map(String).join(' ') : null;
}
