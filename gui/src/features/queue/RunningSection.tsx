import type { Question } from '@/components/ConfirmDialog';
import { Hint } from '@/components/Hint';
import { Refusal } from '@/components/Refusal';
import { Section } from '@/components/Section';
import { shortId } from '@/lib/jobId';
import type { ActiveJob } from '@/types/api';

import { Answer } from './Answer';
import { useRunning } from './api/getRunning';
import { usePendingStops, useStopJob } from './api/stopJob';
import { RunningList } from './RunningList';

/** The jobs that have begun. */
export function RunningSection({ onAsk }: { onAsk: (question: Question) => void }) {
  const running = useRunning();
  const stop = useStopJob();
  const stopping = new Set(usePendingStops());
  const ask = ({ job_id, project }: ActiveJob): void => {
    onAsk({
      title: `Stop job ${shortId(job_id)}?`,
      text: `It belongs to ${project}. What it has logged and saved so far stays; it cannot be resumed.`,
      action: 'Stop the job',
      onConfirm: () => {
        stop.mutate(job_id);
      },
    });
  };
  return (
    <Section title="Running" count={running.data?.length ?? 0}>
      <Refusal title="The job could not be stopped" error={stop.error} onDismiss={stop.reset} />
      <Answer query={running} what="the jobs that run">
        {(jobs) =>
          jobs.length === 0 ? (
            <Hint>
              Nothing runs. <code>foundations submit scheduler . main.py</code> starts a job from its
              directory.
            </Hint>
          ) : (
            <RunningList jobs={jobs} readAt={running.dataUpdatedAt} stopping={stopping} onStop={ask} />
          )
        }
      </Answer>
    </Section>
  );
}
