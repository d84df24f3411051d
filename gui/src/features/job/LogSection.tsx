import { Icon } from '@/components/Icon';
import { Section } from '@/components/Section';
import { paths } from '@/config/paths';
import type { Job } from '@/types/api';

import type { FollowState } from './api/LogFollower';
import { hasEnded } from './ending';
import classes from './LogSection.module.css';
import { LogView } from './LogView';
import { useLog } from './useLog';

const STATES: Record<FollowState, string> = {
  opening: 'Opening',
  following: 'Following',
  ended: 'Complete',
  missing: 'None',
  lost: 'Connection lost, trying again',
};

/** What the job wrote, as it writes it. */
export function LogSection({ job }: { job: Job }) {
  if (job.mode === 'execution') {
    return (
      <Without reason="This job was run by its own process, not by the scheduler: its output went to the terminal that started it." />
    );
  }
  if (job.status === 'queued' || job.status === 'pending') {
    return <Without reason="The log begins when the job does." />;
  }
  return <FollowedLog jobId={job.job_id} jobHasEnded={hasEnded(job)} />;
}

function FollowedLog({ jobId, jobHasEnded }: { jobId: string; jobHasEnded: boolean }) {
  const { lines, state } = useLog(jobId, jobHasEnded);
  if (state === 'missing') return <Without reason="No log was kept of this job." />;
  if (lines.count === 0) {
    return <Without reason={state === 'ended' ? 'The job wrote nothing.' : `${STATES[state]}…`} />;
  }
  return (
    <Section
      title="Log"
      anchor="log"
      controls={
        <span className={classes.controls}>
          <span role="status">{STATES[state]}</span>
          <a href={paths.log(jobId)} download={`${jobId}.log`} className={classes.download}>
            <Icon name="down" size={14} />
            Download
          </a>
        </span>
      }
    >
      <LogView lines={lines} />
    </Section>
  );
}

function Without({ reason }: { reason: string }) {
  return (
    <Section title="Log" anchor="log">
      <p className={classes.empty}>{reason}</p>
    </Section>
  );
}
