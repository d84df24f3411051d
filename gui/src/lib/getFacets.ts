import { queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/request';
import type { Facets } from '@/types/api';

/** Milliseconds for which the names in use are taken for known: they change seldom, and are counted over all jobs. */
const GOOD = 20_000;

export function facetsQuery(project: string) {
  return queryOptions({
    queryKey: ['facets', project],
    queryFn: ({ signal }) => getJson<Facets>(paths.facets(project), signal),
    staleTime: GOOD,
  });
}

/** What the jobs of a project can be filtered by; counted again when there are more or fewer `jobs`. */
export function useFacets(project: string) {
  return useQuery({ ...facetsQuery(project), refetchInterval: GOOD * 3 });
}
