import { Link, useSearch } from '@tanstack/react-router';

import classes from './ProjectTabs.module.css';

/** The sides of a project: its jobs, their charts, and what people say of it. Jobs and charts keep the filter. */
export function ProjectTabs({ project }: { project: string }) {
  const { filter }: { filter?: unknown } = useSearch({ strict: false });
  const search = typeof filter === 'string' ? { filter } : {};
  const place = { params: { project }, activeProps: { 'aria-current': 'page' as const } };
  const kept = { search, activeOptions: { includeSearch: false } };
  return (
    <nav className={classes.tabs} aria-label="Parts of the project">
      <Link to="/projects/$project/job_listing" {...place} {...kept}>
        Jobs
      </Link>
      <Link to="/projects/$project/charts" {...place} {...kept}>
        Charts
      </Link>
      <Link to="/projects/$project/overview" {...place}>
        Overview
      </Link>
    </nav>
  );
}
