import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson, sendJson } from '@/lib/request';

/** What somebody wrote about a project, and when, in seconds since the epoch. */
export interface Version {
  time: number;
  author: string;
  text: string;
}

/** GET /api/v3/projects/<name>/description: what is written now, and all versions, newest first. */
export interface Description {
  text: string;
  versions: Version[];
}

/** Return the name under which an unsaved description is kept. */
export function draftOf(project: string): string {
  return `the description of ${project}`;
}

export function descriptionQuery(project: string) {
  return queryOptions({
    queryKey: ['description', project],
    queryFn: ({ signal }) => getJson<Description>(paths.description(project), signal),
  });
}

/** Describes a project. It is shown at once, and taken back if the server refuses. */
export function useDescribe(project: string) {
  const client = useQueryClient();
  const { queryKey } = descriptionQuery(project);
  return useMutation({
    /** `replaces` is the text that the writer began with: if somebody wrote meanwhile, the server refuses. */
    mutationFn: (change: { text: string; author: string; replaces: string }) =>
      sendJson<Description>('PUT', paths.description(project), change),
    onMutate: async ({ text }) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData(queryKey);
      if (before) client.setQueryData(queryKey, { ...before, text });
      return before;
    },
    onError: (_error, _change, before) => {
      client.setQueryData(queryKey, before);
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
}
