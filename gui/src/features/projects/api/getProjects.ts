import { queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/request';
import type { Project } from '@/types/api';

function getProjects(signal: AbortSignal): Promise<Project[]> {
  return getJson<Project[]>(paths.projects, signal);
}

export function projectsQuery() {
  return queryOptions({ queryKey: ['projects'], queryFn: ({ signal }) => getProjects(signal) });
}

/** Every project, with how many jobs it has in each state. */
export function useProjects() {
  return useQuery(projectsQuery());
}
