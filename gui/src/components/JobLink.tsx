import { Link } from '@tanstack/react-router';

import { shortId } from '@/lib/jobId';

import classes from './JobLink.module.css';

/** The way to a job's page; its whole id is in the title. */
export function JobLink({ project, jobId }: { project: string; jobId: string }) {
  return (
    <Link
      to="/projects/$project/jobs/$jobId"
      params={{ project, jobId }}
      className={classes.id}
      title={jobId}
    >
      {shortId(jobId)}
    </Link>
  );
}
