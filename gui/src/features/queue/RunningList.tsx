import { Button } from '@mantine/core';

import { Duration } from '@/components/Duration';
import { JobLink } from '@/components/JobLink';
import { StatusMark } from '@/components/StatusMark';
import { formatDuration } from '@/lib/duration';
import type { ActiveJob } from '@/types/api';

import { JobRow } from './JobRow';

interface RunningListProps {
  jobs: ActiveJob[];
  /** When the list was read, in milliseconds since the epoch. */
  readAt: number;
  stopping: ReadonlySet<string>;
  onStop: (job: ActiveJob) => void;
}

/** The jobs that run or are being prepared. */
export function RunningList({ jobs, readAt, stopping, onStop }: RunningListProps) {
  return (
    <ul>
      {jobs.map((job) => {
        const isStopping = job.code === 'stopping' || stopping.has(job.job_id);
        return (
          <JobRow
            key={job.job_id}
            job={job}
            lead={<StatusMark status={job.status}>{isStopping ? 'Stopping' : undefined}</StatusMark>}
            title={<JobLink project={job.project} jobId={job.job_id} />}
            time={job.started !== null && <Duration seconds={elapsed(job, readAt)} since={readAt} />}
            notes={notesOf(job)}
            actions={
              <Button
                size="compact-xs"
                variant="default"
                disabled={isStopping}
                aria-label={`Stop job ${job.job_id}`}
                onClick={() => {
                  onStop(job);
                }}
              >
                Stop
              </Button>
            }
          />
        );
      })}
    </ul>
  );
}

function elapsed({ started }: ActiveJob, readAt: number): number {
  return Math.max(0, readAt / 1000 - (started ?? 0));
}

function notesOf({ gpus, time_left: left, attempt, attempts }: ActiveJob): string[] {
  return [
    gpus.length > 0 && `on GPU ${gpus.join(', ')}`,
    left !== null && `stopped in ${formatDuration(left)} at the latest`,
    attempts > 1 && `attempt ${attempt} of ${attempts}`,
  ].filter((note) => note !== false);
}
