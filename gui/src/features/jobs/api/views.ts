import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson, send } from '@/lib/request';
import type { View } from '@/types/api';

import type { TableSearch } from '../tableSearch';

export function viewsQuery(project: string) {
  return queryOptions({
    queryKey: ['views', project],
    queryFn: ({ signal }) => getJson<View[]>(paths.views(project), signal),
  });
}

export interface NewView {
  name: string;
  search: TableSearch;
  author: string;
}

/** Keep a view, in place of one with its name. */
export function keepView(project: string, { name, ...view }: NewView): Promise<void> {
  return send('PUT', paths.view(project, name), view);
}

/** Keeps a view for everybody. It is listed at once, and taken back if the server refuses. */
export function useKeepView(project: string) {
  return useChangeViews(project, (view: NewView) => keepView(project, view), withView);
}

/** Forgets the view of a name, likewise. */
export function useForgetView(project: string) {
  return useChangeViews(
    project,
    (name: string) => send('DELETE', paths.view(project, name)),
    (views, name) => views.filter((view) => view.name !== name),
  );
}

function useChangeViews<Change>(
  project: string,
  mutationFn: (change: Change) => Promise<void>,
  after: (views: View[], change: Change) => View[],
) {
  const client = useQueryClient();
  const { queryKey } = viewsQuery(project);
  return useMutation({
    mutationFn,
    onMutate: async (change) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData(queryKey);
      if (before) client.setQueryData(queryKey, after(before, change));
      return before;
    },
    onError: (_error, _change, before) => {
      client.setQueryData(queryKey, before);
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
}

function withView(views: View[], { name, search, author }: NewView): View[] {
  const others = views.filter((view) => view.name !== name);
  return [...others, { name, search: { ...search }, author, time: Date.now() / 1000 }].sort((one, other) =>
    one.name.localeCompare(other.name),
  );
}
