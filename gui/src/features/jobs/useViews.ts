import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { useAuthor } from '@/lib/author';
import { useSession } from '@/lib/getSession';

import { viewsQuery } from './api/views';
import { moveOwnViews } from './ownViews';

/** The views of a project. Those that only this browser knew, of an earlier version, become everybody's. */
export function useViews(project: string) {
  const views = useQuery(viewsQuery(project));
  const isKnown = useSession() !== undefined;
  const author = useAuthor();
  const client = useQueryClient();
  useEffect(() => {
    if (!views.data || !isKnown) return;
    void moveOwnViews(project, views.data, author).then((isMoved) =>
      isMoved ? client.invalidateQueries({ queryKey: viewsQuery(project).queryKey }) : undefined,
    );
  }, [views.data, isKnown, author, project, client]);
  return views;
}
