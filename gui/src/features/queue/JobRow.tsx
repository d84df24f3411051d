import { Link } from '@tanstack/react-router';

import { describeNeeds } from '@/lib/needs';
import type { ActiveJob, WaitingJob } from '@/types/api';

import classes from './JobRow.module.css';

interface JobRowProps {
  job: ActiveJob | WaitingJob;
  /** What stands before the job's name: its state, or its place. */
  lead: React.ReactNode;
  title: React.ReactNode;
  /** How long it runs or waits. */
  time: React.ReactNode;
  notes?: string[];
  /** Sentences below the line. */
  children?: React.ReactNode;
  actions: React.ReactNode;
  /** Attributes of the row itself. */
  row?: React.ComponentProps<'li'> & {
    'data-dragged'?: boolean | undefined;
    'data-drop'?: string | undefined;
  };
}

/** One job of the queue page: who it is, what it needs, how it stands, and what can be done. */
export function JobRow({ job, lead, title, time, notes = [], children, actions, row }: JobRowProps) {
  const facts = [
    describeNeeds(job.resources),
    job.priority !== 0 && `priority ${job.priority}`,
    ...notes,
  ].filter(Boolean);
  return (
    <li {...row} className={classes.row}>
      <span className={classes.lead}>{lead}</span>
      <span className={classes.job}>
        {title}
        <Link
          to="/projects/$project/job_listing"
          params={{ project: job.project }}
          className={classes.project}
        >
          {job.project}
        </Link>
        {job.user && <span className={classes.user}>{job.user}</span>}
      </span>
      <span className={classes.facts}>{facts.join(' · ')}</span>
      <span className={classes.time}>{time}</span>
      <span className={classes.actions}>{actions}</span>
      {children && <div className={classes.reason}>{children}</div>}
    </li>
  );
}
