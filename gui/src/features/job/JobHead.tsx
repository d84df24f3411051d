import { Link } from '@tanstack/react-router';

import { CopyButton } from '@/components/CopyButton';
import { Icon } from '@/components/Icon';
import { PageHead } from '@/components/PageHead';
import { StatusMark } from '@/components/StatusMark';
import type { Job } from '@/types/api';

import { describeState, placeOf } from './ending';
import classes from './JobHead.module.css';

/** Which job this is, how it stands, and, when it failed, why. */
export function JobHead({ job }: { job: Job }) {
  const short = job.job_id.slice(0, 8);
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
        trail={[
          <Link key="projects" to="/projects">
            Projects
          </Link>,
          <Link key="project" to="/projects/$project/job_listing" params={{ project: job.project }}>
            {job.project}
          </Link>,
        ]}
        facts={
          job.status === 'failed' ? undefined : (
            <p className={classes.state}>
              <StatusMark status={job.status} />
              <span>{describeState(job)}</span>
            </p>
          )
        }
      />
      {job.status === 'failed' && <FailureNote job={job} />}
    </>
  );
}

function FailureNote({ job }: { job: Job }) {
  const { error } = job;
  return (
    <section className={classes.failure} aria-label="Why it failed">
      <p className={classes.state}>
        <StatusMark status="failed" />
        <strong>{describeState(job)}</strong>
      </p>
      {error?.frame && <p className={classes.frame}>{placeOf(error.frame)}</p>}
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
