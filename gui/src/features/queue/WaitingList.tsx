import { Button, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';

import { Icon } from '@/components/Icon';
import { JobLink } from '@/components/JobLink';
import { Moment } from '@/components/Moment';
import { Reason } from '@/components/Reason';
import { shortId } from '@/lib/jobId';
import { formatCount } from '@/lib/values';
import type { WaitingJob } from '@/types/api';

import { JobRow } from './JobRow';
import { moveTo, placeOfKey, type Move } from './order';
import { useDragOrder } from './useDragOrder';
import classes from './WaitingList.module.css';

interface WaitingListProps {
  /** The first that wait, in the order in which they run. */
  jobs: WaitingJob[];
  /** How many wait in all. */
  total: number;
  projects: ReadonlyMap<string, string>;
  cancelling: ReadonlySet<string>;
  onMove: (move: Move) => void;
  onCancel: (job: WaitingJob) => void;
}

/** The jobs that wait, with why. Each is moved by its handle: dragged, or with the arrow keys, Home and End. */
export function WaitingList({ jobs, total, projects, cancelling, onMove, onCancel }: WaitingListProps) {
  const [said, setSaid] = useState('');
  const move = (from: number, to: number): void => {
    const wanted = moveTo(jobs, from, to, total);
    if (!wanted) return;
    onMove(wanted);
    setSaid(`Job ${shortId(wanted.jobId)} is number ${formatCount(to + 1)} of ${formatCount(total)}.`);
  };
  const drag = useDragOrder(
    jobs.map(({ job_id }) => job_id),
    move,
  );
  return (
    <>
      <ul>
        {jobs.map((job, index) => (
          <JobRow
            key={job.job_id}
            job={job}
            row={{ ...drag.looks(index), 'aria-busy': cancelling.has(job.job_id) }}
            lead={
              <span className={classes.place}>
                <MoveHandle
                  jobId={job.job_id}
                  index={index}
                  count={total}
                  shown={jobs.length}
                  drag={drag}
                  onMove={move}
                />
                {index + 1}
              </span>
            }
            title={<JobLink project={job.project} jobId={job.job_id} />}
            time={<Moment at={job.since * 1000} as="ago" />}
            notes={job.attempt > 1 ? [`attempt ${job.attempt} of ${job.attempts}`] : []}
            actions={
              <Button
                size="compact-xs"
                variant="default"
                disabled={cancelling.has(job.job_id)}
                aria-label={`Cancel job ${job.job_id}`}
                onClick={() => {
                  onCancel(job);
                }}
              >
                Cancel
              </Button>
            }
          >
            <Why job={job} projects={projects} />
          </JobRow>
        ))}
      </ul>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </>
  );
}

interface MoveHandleProps {
  jobId: string;
  index: number;
  /** How many jobs wait, and how many of them are shown. */
  count: number;
  shown: number;
  drag: ReturnType<typeof useDragOrder>;
  onMove: (from: number, to: number) => void;
}

function MoveHandle({ jobId, index, count, shown, drag, onMove }: MoveHandleProps) {
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const to = placeOfKey(event.key, index, count);
    if (to === undefined) return;
    event.preventDefault();
    if (to >= shown) focusBeside(event.currentTarget);
    onMove(index, Math.max(0, Math.min(to, count - 1)));
  };
  return (
    <button
      type="button"
      className={classes.handle}
      aria-label={`Move job ${shortId(jobId)}, number ${index + 1} of ${count}`}
      aria-keyshortcuts="ArrowUp ArrowDown Home End"
      title="Drag, or use the arrow keys; Home runs it next"
      {...drag.handle(jobId)}
      onKeyDown={onKeyDown}
    >
      <Icon name="grip" size={14} />
    </button>
  );
}

/** The job leaves the page with its new place: the keyboard goes on with the next one, or the one before it. */
function focusBeside(handle: Element): void {
  const row = handle.closest('li');
  const beside = row?.nextElementSibling ?? row?.previousElementSibling;
  beside?.querySelector('button')?.focus();
}

function Why({ job, projects }: { job: WaitingJob; projects: ReadonlyMap<string, string> }) {
  return (
    <>
      <Reason text={withoutPromise(job)} projects={projects} />
      {job.promised_start !== null && (
        <span className={classes.promise}>
          <Icon name="clock" size={13} /> <Moment at={job.promised_start * 1000} as="latest" /> at the latest
        </span>
      )}
    </>
  );
}

/** The promise stands behind the reason, in the reader's own words for the time; it need not be said twice. */
function withoutPromise({ reason, promised_start: start }: WaitingJob): string {
  return start === null ? reason : reason.replace(/ It is promised a start by [^.]*\./, '');
}
