import { JobLink } from '@/components/JobLink';
import { Moment } from '@/components/Moment';
import { StatusMark } from '@/components/StatusMark';
import { formatNumber, numberOf, ownValue } from '@/lib/values';
import type { JobSummary } from '@/types/api';

import classes from './OverviewPage.module.css';

interface PointedJobProps {
  project: string;
  job: JobSummary;
  /** The metrics that are told of it. */
  names: string[];
}

/** The job that the reader points at, with a link to it, and until then the newest. */
export function PointedJob({ project, job, names }: PointedJobProps) {
  return (
    <p className={classes.told} aria-live="polite">
      <JobLink project={project} jobId={job.job_id} />
      <StatusMark status={job.status} />
      {job.start_time !== null && <Moment at={job.start_time * 1000} />}
      {names.map((name) => {
        const value = numberOf(ownValue(job.metrics, name));
        return (
          <span key={name} className={classes.toldValue} title={name}>
            {name} <strong>{value === undefined ? '–' : formatNumber(value)}</strong>
          </span>
        );
      })}
    </p>
  );
}
