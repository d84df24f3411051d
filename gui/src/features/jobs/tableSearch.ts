/** What the address says about the table, so that a link shows what its sender saw. */

import { serverField } from './columnChoice';

const PARTS = ['sort', 'filter', 'columns', 'group', 'curve', 'axes', 'brush'] as const;

/** Every part is a text of its own; what is shown until somebody chooses is left out. */
export interface TableSearch {
  /** A column's id, with a minus in front when the largest comes first. */
  sort?: string;
  /** Words, or a sentence of the server's language. */
  filter?: string;
  /** The columns, as columnChoice.ts writes them. */
  columns?: string;
  /** The parameter by whose values the jobs are grouped. */
  group?: string;
  /** The metric whose curves are drawn of the groups. */
  curve?: string;
  /** The parallel coordinates, as axes.ts writes them; there when they are shown. */
  axes?: string;
  /** What is brushed on them. */
  brush?: string;
}

export type SearchChange = { [Part in keyof TableSearch]: TableSearch[Part] | undefined };

export interface ColumnOrder {
  id: string;
  desc: boolean;
}

/** Return the known parts of an address's search; what is no text is left out. */
export function parseTableSearch(search: Record<string, unknown>): TableSearch {
  return Object.fromEntries(
    PARTS.flatMap((part) => (isText(search[part]) ? [[part, String(search[part])]] : [])),
  );
}

/** Return a search with some of its parts changed, or left out where the change says undefined. */
export function changedSearch(search: TableSearch, change: SearchChange): TableSearch {
  return parseTableSearch({ ...search, ...change });
}

/** Whether two searches show the same, in whatever order they say it. */
export function isSameSearch(one: TableSearch, other: TableSearch): boolean {
  return PARTS.every((part) => one[part] === other[part]);
}

/** Return the order that `sort` asks for; none leaves the server's order, newest first. */
export function parseSort(sort: string | undefined): ColumnOrder | undefined {
  if (!sort) return undefined;
  return sort.startsWith('-') ? { id: sort.slice(1), desc: true } : { id: sort, desc: false };
}

/** Return the `sort` that says `order`. */
export function formatSort(order: ColumnOrder | undefined): string | undefined {
  return order && `${order.desc ? '-' : ''}${order.id}`;
}

/** Return the order as the server is asked for it. */
export function serverSort(sort: string | undefined): string {
  const order = parseSort(sort);
  const field = order && serverField(order.id);
  return field ? `${order.desc ? '-' : ''}${field}` : '';
}

/** Return the next order of a column: what comes first by itself, then the other way, then none. */
export function nextOrder(
  order: ColumnOrder | undefined,
  id: string,
  isDescendingFirst: boolean,
): ColumnOrder | undefined {
  if (order?.id !== id) return { id, desc: isDescendingFirst };
  return order.desc === isDescendingFirst ? { id, desc: !order.desc } : undefined;
}

// An address such as ?filter=12 arrives as a number.
function isText(part: unknown): part is string | number {
  return (typeof part === 'string' && part !== '') || typeof part === 'number';
}
