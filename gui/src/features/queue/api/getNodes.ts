import { queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/request';
import type { Node } from '@/types/api';

import { schedulerKey } from './scheduler';

/** Milliseconds between two readings: no event tells of the load of a GPU. */
const PACE = 3000;

export function nodesQuery() {
  return queryOptions({
    queryKey: [...schedulerKey(), 'nodes'],
    queryFn: async ({ signal }) => (await getJson<{ nodes: Node[] }>(paths.nodes, signal)).nodes,
    refetchInterval: PACE,
  });
}

/** The machines that run jobs, with what they do now. */
export function useNodes() {
  return useQuery(nodesQuery());
}
