/** Which projects the directory shows, and in which order. */

import type { JobStatus, Project } from '@/types/api';

/** In the order in which they are shown: what happens now comes first. */
const STATUSES: JobStatus[] = ['running', 'pending', 'queued', 'completed', 'failed'];

/** Return the projects whose names contain every word of `search`, newest first. */
export function findProjects(projects: Project[], search: string): Project[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return projects
    .filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
    .sort((left, right) => right.creation_time - left.creation_time);
}

/** Return the states that jobs of a project are in, with how many. */
export function statusCounts(project: Project): [JobStatus, number][] {
  return STATUSES.map((status): [JobStatus, number] => [status, project.by_status[status] ?? 0]).filter(
    ([, count]) => count > 0,
  );
}
