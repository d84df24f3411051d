import { Link } from '@tanstack/react-router';

import classes from './ProjectTabs.module.css';

/** The two sides of a project: its jobs, and what people say of it. */
export function ProjectTabs({ project }: { project: string }) {
  const current = { 'aria-current': 'page' as const };
  return (
    <nav className={classes.tabs} aria-label="Parts of the project">
      <Link to="/projects/$project/job_listing" params={{ project }} activeProps={current}>
        Jobs
      </Link>
      <Link to="/projects/$project/overview" params={{ project }} activeProps={current}>
        Overview
      </Link>
    </nav>
  );
}
