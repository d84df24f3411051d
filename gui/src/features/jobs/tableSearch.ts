/** What the address says about the table, so that a link shows what its sender saw. */

/** `sort` is a column's name, with a minus in front when the largest comes first. */
export interface TableSearch {
  sort?: string;
  filter?: string;
  /** The columns, as columnChoice.ts writes them. */
  columns?: string;
}

export interface ColumnOrder {
  id: string;
  desc: boolean;
}

/** Return the known parts of an address's search; what is no text is left out. */
export function parseTableSearch(search: Record<string, unknown>): TableSearch {
  const { sort, filter, columns } = search;
  return {
    ...(isText(sort) && { sort: String(sort) }),
    ...(isText(filter) && { filter: String(filter) }),
    ...(isText(columns) && { columns: String(columns) }),
  };
}

/** Return the order that `sort` asks for; none leaves the server's order, newest first. */
export function parseSort(sort: string | undefined): ColumnOrder[] {
  if (!sort) return [];
  return sort.startsWith('-') ? [{ id: sort.slice(1), desc: true }] : [{ id: sort, desc: false }];
}

/** Return the `sort` that says `order`. */
export function formatSort(order: ColumnOrder[]): string | undefined {
  const first = order[0];
  return first && `${first.desc ? '-' : ''}${first.id}`;
}

// An address such as ?filter=12 arrives as a number.
function isText(part: unknown): part is string | number {
  return (typeof part === 'string' && part !== '') || typeof part === 'number';
}
