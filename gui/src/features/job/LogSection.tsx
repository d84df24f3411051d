import { useLocalStorage } from '@mantine/hooks';

import { Hint } from '@/components/Hint';
import { Section } from '@/components/Section';
import type { Job } from '@/types/api';

import { hasEnded } from './ending';
import { LogControls, STATES } from './LogControls';
import { LogView } from './LogView';
import { useLog } from './useLog';
import { useLogSearch } from './useLogSearch';

/** What the job wrote, as it writes it. */
export function LogSection({ job }: { job: Job }) {
  if (job.status === 'queued' || job.status === 'pending') {
    return <Without reason="The log begins when the job does." />;
  }
  return <FollowedLog job={job} />;
}

function FollowedLog({ job }: { job: Job }) {
  const { lines, state } = useLog(job.job_id, hasEnded(job));
  const search = useLogSearch(lines);
  const [showsTimes, setShowsTimes] = useLocalStorage({ key: 'times of log lines', defaultValue: false });
  if (state === 'missing') return <Without reason={whyMissing(job)} />;
  if (lines.count === 0) {
    return <Without reason={state === 'ended' ? 'The job wrote nothing.' : `${STATES[state]}…`} />;
  }
  return (
    <Section
      title="Log"
      anchor="log"
      controls={
        <LogControls
          jobId={job.job_id}
          state={state}
          search={search}
          times={lines.hasTimes ? { shown: showsTimes, show: setShowsTimes } : undefined}
        />
      }
    >
      <LogView
        lines={lines}
        words={search.words.toLowerCase()}
        target={search.target}
        showsTimes={showsTimes && lines.hasTimes}
      />
    </Section>
  );
}

function whyMissing({ mode }: Job): string {
  return mode === 'execution'
    ? 'This job was run by its own process, not by the scheduler: its output went to the terminal that started it.'
    : 'No log was kept of this job.';
}

function Without({ reason }: { reason: string }) {
  return (
    <Section title="Log" anchor="log">
      <Hint>{reason}</Hint>
    </Section>
  );
}
