import { Button } from '@mantine/core';

import type { Question } from '@/components/ConfirmDialog';
import { Hint } from '@/components/Hint';
import { Refusal } from '@/components/Refusal';
import { Section } from '@/components/Section';
import { shortId } from '@/lib/jobId';
import { formatCount } from '@/lib/values';
import type { WaitingJob } from '@/types/api';

import { Answer } from './Answer';
import { useQueue } from './api/getQueue';
import { useMoveJob, usePendingMoves } from './api/moveJob';
import { useClearQueue, usePendingStops, useStopJob } from './api/stopJob';
import { afterMoves } from './order';
import classes from './QueuePage.module.css';
import { WaitingList } from './WaitingList';

interface WaitingSectionProps {
  limit: number;
  projects: ReadonlyMap<string, string>;
  onAsk: (question: Question) => void;
  onMore: () => void;
}

/** The jobs that wait, in the order in which they run. */
export function WaitingSection({ limit, projects, onAsk, onMore }: WaitingSectionProps) {
  const queue = useQueue(limit);
  const [move, cancel, clear] = [useMoveJob(), useStopJob(), useClearQueue()];
  const moves = usePendingMoves();
  const cancelling = new Set(usePendingStops());
  const total = queue.data?.total ?? 0;
  const askToCancel = ({ job_id, project }: WaitingJob): void => {
    onAsk({
      title: `Cancel job ${shortId(job_id)}?`,
      text: `It belongs to ${project} and has not begun. It leaves the queue and counts as stopped.`,
      action: 'Cancel the job',
      onConfirm: () => {
        cancel.mutate(job_id);
      },
    });
  };
  const askToClear = (): void => {
    onAsk({
      title: 'Clear the queue?',
      text: `All ${formatCount(total)} jobs that wait are cancelled, whoever submitted them. Jobs that run go on.`,
      action: `Cancel ${formatCount(total)} jobs`,
      onConfirm: () => {
        clear.mutate();
      },
    });
  };
  return (
    <Section title="Waiting" count={total} controls={total > 1 && <ClearButton onClick={askToClear} />}>
      <Refusal title="The job could not be moved" error={move.error} onDismiss={move.reset} />
      <Refusal title="The job could not be cancelled" error={cancel.error} onDismiss={cancel.reset} />
      <Refusal title="The queue could not be cleared" error={clear.error} onDismiss={clear.reset} />
      <Answer query={queue} what="the queue">
        {({ jobs }) => (
          <>
            {jobs.length === 0 && <Hint>No job waits: the next one starts at once.</Hint>}
            <WaitingList
              jobs={afterMoves(jobs, moves)}
              total={total}
              projects={projects}
              cancelling={cancelling}
              onMove={move.mutate}
              onCancel={askToCancel}
            />
            {total > jobs.length && jobs.length > 0 && (
              <Button className={classes.more ?? ''} size="xs" variant="default" onClick={onMore}>
                Show more; {formatCount(total - jobs.length)} wait behind these
              </Button>
            )}
          </>
        )}
      </Answer>
    </Section>
  );
}

function ClearButton({ onClick }: { onClick: () => void }) {
  return (
    <Button size="compact-xs" variant="subtle" color="gray" onClick={onClick}>
      Clear the queue
    </Button>
  );
}
