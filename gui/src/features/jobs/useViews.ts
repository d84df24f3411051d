import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { useAuthor } from '@/lib/author';
import type { View } from '@/types/api';

import { keepView, viewsQuery, type NewView } from './api/views';

/** The views of a project. Those that only this browser knew, of an earlier version, become everybody's. */
export function useViews(project: string) {
  const views = useQuery(viewsQuery(project));
  const author = useAuthor();
  const client = useQueryClient();
  useEffect(() => {
    if (!views.data) return;
    const own = ownViews(project);
    if (own.length === 0) return;
    moveViews(project, missingViews(own, views.data, author)).then(
      () => client.invalidateQueries({ queryKey: viewsQuery(project).queryKey }),
      () => undefined, // they stay where they are, for a reader who may keep views
    );
  }, [views.data, author, project, client]);
  return views;
}

function keyOf(project: string): string {
  return `views of ${project}`;
}

function missingViews(own: Pick<NewView, 'name' | 'search'>[], known: View[], author: string): NewView[] {
  const names = new Set(known.map(({ name }) => name));
  return own.filter(({ name }) => !names.has(name)).map(({ name, search }) => ({ name, search, author }));
}

async function moveViews(project: string, views: NewView[]): Promise<void> {
  await Promise.all(views.map((view) => keepView(project, view)));
  localStorage.removeItem(keyOf(project));
}

function ownViews(project: string): Pick<NewView, 'name' | 'search'>[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(project)) ?? '[]');
    return Array.isArray(stored) ? (stored as Pick<NewView, 'name' | 'search'>[]) : [];
  } catch {
    return [];
  }
}
