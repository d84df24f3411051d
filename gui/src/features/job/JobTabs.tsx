import { Link } from '@tanstack/react-router';

import { formatCount } from '@/lib/values';
import type { Job } from '@/types/api';

import type { JobTab } from './jobSearch';
import classes from './JobTabs.module.css';

const WORDS: Record<JobTab, string> = { artifacts: 'Artifacts', code: 'Code', environment: 'Environment' };

/** The ways to the parts of a job's page. */
export function JobTabs({ job }: { job: Job }) {
  const to = {
    to: '/projects/$project/jobs/$jobId',
    params: { project: job.project, jobId: job.job_id },
  } as const;
  return (
    <nav className={classes.tabs} aria-label="Parts of this job">
      <Link {...to} search={{}} activeOptions={{ exact: true, includeSearch: true }}>
        Overview
      </Link>
      {(Object.keys(WORDS) as JobTab[]).map((part) => (
        <Link key={part} {...to} search={{ tab: part }} data-class={`${part}-tab-button`}>
          {WORDS[part]}
          {part === 'artifacts' && job.artifacts.length > 0 && (
            <span className={classes.count}>{formatCount(job.artifacts.length)}</span>
          )}
        </Link>
      ))}
    </nav>
  );
}
