import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { CodeWords } from '@/components/CodeWords';
import { CopyButton } from '@/components/CopyButton';
import { Icon } from '@/components/Icon';
import { Moment } from '@/components/Moment';
import { PageHead } from '@/components/PageHead';
import { projectTrail } from '@/components/projectTrail';
import { Reason } from '@/components/Reason';
import { Refusal } from '@/components/Refusal';
import { StatusMark } from '@/components/StatusMark';
import { shortId } from '@/lib/jobId';
import type { Job } from '@/types/api';

import { useWhy } from './api/getWhy';
import { describeState, hintOf, placeOf, sourceOf } from './ending';
import { JobActions, type JobRefusal } from './JobActions';
import classes from './JobHead.module.css';
import { RunningWords } from './RunningWords';

/** Which job this is, how it stands, and, when it failed, why. */
export function JobHead({ job, readAt }: { job: Job; readAt: number }) {
  const short = shortId(job.job_id);
  const [refusal, setRefusal] = useState<JobRefusal>();
  return (
    <>
      <PageHead
        title={`Job ${short}`}
        heading={
          <>
            <span title={job.job_id}>
              Job <span className={classes.id}>{short}</span>
            </span>
            <CopyButton text={job.job_id} label="Copy job ID" />
          </>
        }
        trail={projectTrail(job.project)}
        facts={
          job.status === 'failed' ? undefined : (
            <div className={classes.state}>
              <StatusMark status={job.status} />
              {job.status === 'running' ? <RunningWords job={job} readAt={readAt} /> : <Standing job={job} />}
            </div>
          )
        }
      >
        <JobActions job={job} onRefusal={setRefusal} />
      </PageHead>
      <Refusal
        title={refusal?.title ?? ''}
        error={refusal?.error ?? null}
        onDismiss={() => {
          setRefusal(undefined);
        }}
      />
      {job.status === 'failed' && <FailureNote job={job} />}
    </>
  );
}

/** What the scheduler promises; the page says it in the reader's own time. */
const PROMISE = / It is promised a start by [^.]*\./;

/** How a job stands that has not failed: while it waits, where and why. */
function Standing({ job }: { job: Job }) {
  const { data: why } = useWhy(job);
  if (!why || why.status !== job.status || job.status === 'completed')
    return <span>{describeState(job)}</span>;
  return (
    <span>
      {why.position !== null && (
        <>
          <Link to="/queue" className={classes.place}>
            Number {why.position + 1} in the queue
          </Link>
          {' · '}
        </>
      )}
      <Reason text={why.reason.replace(PROMISE, '')} />
      {why.promised_start !== null && (
        <>
          {' '}
          It starts <Moment at={why.promised_start * 1000} as="latest" /> at the latest.
        </>
      )}
    </span>
  );
}

function FailureNote({ job }: { job: Job }) {
  const { error } = job;
  const { data: why, isPending } = useWhy(job);
  const hint = hintOf(job);
  return (
    <section className={classes.failure} aria-label="Why it failed">
      <p className={classes.state}>
        <StatusMark status="failed" />
        <strong>
          <CodeWords text={isPending ? '' : (why?.reason ?? describeState(job))} />
        </strong>
      </p>
      {hint && (
        <p className={classes.hint}>
          <CodeWords text={hint} />
        </p>
      )}
      {error?.frame && <Frame job={job} frame={error.frame} />}
      {error?.traceback && (
        <details>
          <summary>
            <Icon name="chevron" size={11} />
            Traceback
          </summary>
          <pre className={classes.traceback}>{error.traceback}</pre>
        </details>
      )}
    </section>
  );
}

/** Where the exception was raised, and in the project's own code, the way there. */
function Frame({ job, frame }: { job: Job; frame: string }) {
  const source = sourceOf(frame);
  const words = placeOf(frame);
  return (
    <p className={classes.frame}>
      {source ? (
        <Link
          to="/projects/$project/jobs/$jobId"
          params={{ project: job.project, jobId: job.job_id }}
          search={{ tab: 'code', ...source }}
        >
          {words}
        </Link>
      ) : (
        words
      )}
    </p>
  );
}
