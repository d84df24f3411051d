import { Duration } from '@/components/Duration';
import { Moment } from '@/components/Moment';
import type { Job, Value } from '@/types/api';

import classes from './NamedValues.module.css';

/** The facts of a job's life. */
export function JobFacts({ job, readAt }: { job: Job; readAt: number }) {
  const facts = factsOf(job, readAt).filter(([, fact]) => fact !== null);
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

function factsOf(job: Job, readAt: number): [string, React.ReactNode][] {
  const { start_time: start, completed_time: end, duration, exit_code: code } = job;
  const command = commandOf(job.spec?.['command']);
  return [
    ['User', job.user],
    ['Created', <Moment key="created" at={job.creation_time * 1000} />],
    ['Launched', start === null ? null : <Moment at={start * 1000} />],
    ['Ended', end === null ? null : <Moment at={end * 1000} />],
    [
      'Duration',
      duration === null ? null : (
        <Duration seconds={duration} since={job.status === 'running' ? readAt : undefined} />
      ),
    ],
    ['Run by', job.mode === 'execution' ? 'its own process' : 'the scheduler'],
    ['Exit code', code],
    ['Command', command && <code title={command}>{command}</code>],
  ];
}

function commandOf(words: Value | undefined): string | null {
  return Array.isArray(words) && words.length > 0 ? words.map(String).join(' ') : null;
}
