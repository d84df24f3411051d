/** Pages of a project's jobs. */

import type { JobPage } from '@/types/api';

import { getJson } from './request';

const NOTHING = { parameters: {}, metrics: {}, tags: {} };

/** Return the key of what is read of one project's jobs, or of those of all projects. */
export function jobsKey(project?: string): readonly string[] {
  return project === undefined ? ['project_jobs'] : ['project_jobs', project];
}

/** Read a page of jobs. The server leaves out what it was not asked for; here that is empty. */
export async function readJobPage(path: string, signal: AbortSignal): Promise<JobPage> {
  const page = await getJson<JobPage>(path, signal);
  return { ...page, jobs: page.jobs.map((job) => ({ ...NOTHING, ...job })) };
}
