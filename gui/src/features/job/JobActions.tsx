import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { ConfirmDialog, type Question } from '@/components/ConfirmDialog';
import { Icon, type IconName } from '@/components/Icon';
import { announcements } from '@/lib/announcements';
import { shortId } from '@/lib/jobId';
import { formatCount } from '@/lib/values';
import type { Job } from '@/types/api';

import { useDelete, useStop, useTensorboard } from './api/changeJob';
import { hasEnded } from './ending';

/** The tag of jobs that keep files for TensorBoard. */
const HAS_EVENTS = 'tf';

/** What can be done with the job. `onRefusal` hears of what the server refused. */
export function JobActions({ job, onRefusal }: { job: Job; onRefusal: (refusal: JobRefusal) => void }) {
  const [question, setQuestion] = useState<Question>();
  return (
    <>
      {HAS_EVENTS in job.tags && <TensorboardButton job={job} onRefusal={onRefusal} />}
      {hasEnded(job) ? (
        <DeleteButton job={job} onAsk={setQuestion} onRefusal={onRefusal} />
      ) : (
        <StopButton job={job} onAsk={setQuestion} onRefusal={onRefusal} />
      )}
      <ConfirmDialog
        question={question}
        onClose={() => {
          setQuestion(undefined);
        }}
      />
    </>
  );
}

/** What could not be done, and why. */
export interface JobRefusal {
  title: string;
  error: Error;
}

interface ActionProps {
  job: Job;
  onAsk: (question: Question) => void;
  onRefusal: (refusal: JobRefusal) => void;
}

function StopButton({ job, onAsk, onRefusal }: ActionProps) {
  const stop = useStop(job.job_id);
  // A job that another process runs is its own master.
  if (job.mode === 'execution') return null;
  const waits = job.status === 'queued';
  const ask = (): void => {
    onAsk({
      title: waits ? 'Cancel this job?' : 'Stop this job?',
      text: waits
        ? 'It has not begun. It leaves the queue and counts as stopped.'
        : 'What it has logged and saved so far stays; it cannot be resumed.',
      action: waits ? 'Cancel the job' : 'Stop the job',
      onConfirm: () => {
        stop.mutate(undefined, {
          onError: (error) => {
            onRefusal({ title: 'The job could not be stopped', error });
          },
        });
      },
    });
  };
  return (
    <ActionButton isPending={stop.isPending} onClick={ask}>
      {waits ? 'Cancel' : 'Stop'}
    </ActionButton>
  );
}

function DeleteButton({ job, onAsk, onRefusal }: ActionProps) {
  const navigate = useNavigate();
  const remove = useDelete(job.job_id, () => {
    announcements.say(`Job ${shortId(job.job_id)} was deleted with its files.`);
    void navigate({ to: '/projects/$project/job_listing', params: { project: job.project }, replace: true });
  });
  const ask = (): void => {
    onAsk({
      title: 'Delete this job?',
      text: `Job ${shortId(job.job_id)}, its log, its metrics and its artifacts (${formatCount(job.artifacts.length)}) are deleted for good.`,
      action: 'Delete the job',
      onConfirm: () => {
        remove.mutate(undefined, {
          onError: (error) => {
            onRefusal({ title: 'The job could not be deleted', error });
          },
        });
      },
    });
  };
  return (
    <ActionButton icon="trash" isPending={remove.isPending} onClick={ask}>
      Delete
    </ActionButton>
  );
}

function TensorboardButton({ job, onRefusal }: Omit<ActionProps, 'onAsk'>) {
  const show = useTensorboard(job.job_id);
  const open = (): void => {
    // Opened at once, within the click: browsers do not let a page open another later on.
    const opened = window.open('about:blank', '_blank');
    show.mutate(undefined, {
      onSuccess: (url) => {
        if (opened) opened.location.href = url;
        else window.location.href = url;
      },
      onError: (error) => {
        opened?.close();
        onRefusal({ title: 'TensorBoard could not be opened', error });
      },
    });
  };
  return (
    <ActionButton icon="out" isPending={show.isPending} onClick={open}>
      TensorBoard
    </ActionButton>
  );
}

interface ActionButtonProps {
  icon?: IconName;
  isPending: boolean;
  onClick: () => void;
  children: React.ReactNode;
}

function ActionButton({ icon, isPending, onClick, children }: ActionButtonProps) {
  return (
    <Button
      size="xs"
      variant="default"
      loading={isPending}
      leftSection={icon && <Icon name={icon} size={13} />}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}
