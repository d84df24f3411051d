/** The views that only this browser knows, of a version before the server kept them. */

import type { View } from '@/types/api';

import { keepView } from './api/views';
import { isSameSearch, parseTableSearch, type TableSearch } from './tableSearch';

interface OwnView {
  name: string;
  search: TableSearch;
}

/** Characters that the name of a view may have. */
const LONGEST_NAME = 100;
const moving = new Set<string>();

/**
 * Give the views of this browser to everybody; return whether there are new ones on the server.
 *
 * Each leaves the browser as soon as the server has it. One that the server refuses stays, for a reader who may keep
 * views. Where somebody has given its name to another view, it gets its author's name, too.
 */
export async function moveOwnViews(project: string, views: View[], author: string): Promise<boolean> {
  if (moving.has(project)) return false;
  moving.add(project);
  const known = [...views];
  try {
    for (const view of ownViews(project)) {
      const moved = await moveView(project, view, known, author);
      if (moved) known.push(moved);
    }
  } finally {
    moving.delete(project);
  }
  return known.length > views.length;
}

/** Move one view; return it as the server has it now, or nothing where it was there already or stays here. */
async function moveView(
  project: string,
  own: OwnView,
  known: View[],
  author: string,
): Promise<View | undefined> {
  const { search } = own;
  const name = freeName(own, known, author);
  if (name === undefined) {
    forgetOwn(project, own);
    return undefined;
  }
  try {
    await keepView(project, { name, search, author });
  } catch {
    return undefined;
  }
  forgetOwn(project, own);
  return { name, search: { ...search }, author, time: Date.now() / 1000 };
}

/** Return a name under which a view can be kept; none where one of its names says the same already. */
function freeName({ name, search }: OwnView, known: View[], author: string): string | undefined {
  const whose = author.slice(0, LONGEST_NAME / 2);
  for (let count = 0; ; count++) {
    const ending = ['', ` (${whose})`][count] ?? ` (${whose} ${count})`;
    const tried = name.slice(0, LONGEST_NAME - ending.length) + ending;
    const theirs = known.find((view) => view.name === tried);
    if (!theirs) return tried;
    if (isSameSearch(parseTableSearch(theirs.search), parseTableSearch({ ...search }))) return undefined;
  }
}

function forgetOwn(project: string, own: OwnView): void {
  const rest = ownViews(project).filter(({ name }) => name !== own.name);
  if (rest.length === 0) localStorage.removeItem(keyOf(project));
  else localStorage.setItem(keyOf(project), JSON.stringify(rest));
}

function keyOf(project: string): string {
  return `views of ${project}`;
}

function ownViews(project: string): OwnView[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(project)) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isView) : [];
  } catch {
    return [];
  }
}

function isView(stored: unknown): stored is OwnView {
  const { name, search } = (stored ?? {}) as Partial<OwnView>;
  return typeof name === 'string' && typeof search === 'object';
}
