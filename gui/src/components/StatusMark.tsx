import type { JobStatus } from '@/types/api';

import { Icon, type IconName } from './Icon';
import classes from './StatusMark.module.css';

const WORDS: Record<JobStatus, string> = {
  queued: 'Queued',
  pending: 'Starting',
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
};

const ICONS: Partial<Record<JobStatus, IconName>> = {
  queued: 'clock',
  completed: 'check',
  failed: 'cross',
};

interface StatusMarkProps {
  status: JobStatus;
  /** Shown in place of the status's word, for example how many jobs are in it. */
  children?: React.ReactNode;
  /** Whether the word is for screen readers and the pointer alone. */
  isSmall?: boolean;
}

/** A job's status: a shape, a colour and a word, so that none of them is needed alone. */
export function StatusMark({ status, children, isSmall = false }: StatusMarkProps) {
  const icon = ICONS[status];
  return (
    <span
      className={classes.mark}
      data-status={status}
      data-class={`job-status-${status}`}
      title={isSmall ? WORDS[status] : undefined}
    >
      {icon ? <Icon name={icon} size={14} /> : <span className={classes.pulse} aria-hidden />}
      <span className={isSmall ? classes.spoken : undefined}>{children ?? WORDS[status]}</span>
    </span>
  );
}
