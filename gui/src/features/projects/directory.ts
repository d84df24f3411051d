/** Which projects the directory shows, and in which order. */

import type { JobStatus, Project } from '@/types/api';

/** In the order in which they are shown: what happens now comes first. */
const STATUSES: JobStatus[] = ['running', 'pending', 'queued', 'completed', 'failed'];

/** In which order projects are shown. */
export type DirectoryOrder = 'newest' | 'name' | 'jobs' | 'running';

export const ORDER_WORDS: Record<DirectoryOrder, string> = {
  newest: 'Newest first',
  name: 'By name',
  jobs: 'Most jobs first',
  running: 'Busiest first',
};

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Return the projects whose names or tags contain every word of `search`, in an order. */
export function findProjects(
  projects: Project[],
  search: string,
  order: DirectoryOrder = 'newest',
): Project[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return projects
    .filter(({ name, tags }) => {
      const texts = [name, ...tags].map((text) => text.toLowerCase());
      return words.every((word) => texts.some((text) => text.includes(word)));
    })
    .sort((left, right) => compare(left, right, order) || right.creation_time - left.creation_time);
}

function compare(left: Project, right: Project, order: DirectoryOrder): number {
  if (order === 'name') return names.compare(left.name, right.name);
  if (order === 'jobs') return right.jobs - left.jobs;
  return order === 'running' ? activeJobs(right) - activeJobs(left) : 0;
}

/** Return how many jobs of a project run or wait. */
function activeJobs({ by_status: { running, pending, queued } }: Project): number {
  return running + pending + queued;
}

/** Return the order that an address or a remembered choice names, newest first for one that there is not. */
export function orderOf(text: string | undefined): DirectoryOrder {
  return text && Object.hasOwn(ORDER_WORDS, text) ? (text as DirectoryOrder) : 'newest';
}

/** Return the states that jobs of a project are in, with how many. */
export function statusCounts(project: Project): [JobStatus, number][] {
  return STATUSES.map((status): [JobStatus, number] => [status, project.by_status[status]]).filter(
    ([, count]) => count > 0,
  );
}
