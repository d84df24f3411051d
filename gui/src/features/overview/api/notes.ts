import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson, send } from '@/lib/request';

/** GET /api/v2beta/projects/<name>/note_listing, one entry. */
export interface Note {
  /** As the server's clock has it, without a zone. */
  date: string;
  message: string;
  author: string;
}

export function notesQuery(project: string) {
  return queryOptions({
    queryKey: ['notes', project],
    queryFn: ({ signal }) => getJson<Note[]>(paths.notes(project), signal),
  });
}

/** Adds a comment on a project. It is shown at once, and taken back if the server refuses. */
export function useAddNote(project: string) {
  const client = useQueryClient();
  const { queryKey } = notesQuery(project);
  return useMutation({
    mutationFn: (note: { author: string; message: string }) => send('POST', paths.notes(project), note),
    onMutate: async (note) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData(queryKey);
      client.setQueryData(queryKey, [...(before ?? []), { ...note, date: '' }]);
      return before;
    },
    onError: (_error, _note, before) => {
      client.setQueryData(queryKey, before);
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
}
