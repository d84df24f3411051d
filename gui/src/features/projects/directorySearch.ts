/** What the address says about the directory of projects. */

export interface DirectorySearch {
  /** Words of names and tags. */
  find?: string;
  /** In which order, as directory.ts calls it. */
  order?: string;
}

/** Return the known parts of an address's search; what is no text is left out. */
export function parseDirectorySearch(search: Record<string, unknown>): DirectorySearch {
  const [find, order] = [textOf(search['find']), textOf(search['order'])];
  return { ...(find && { find }), ...(order && { order }) };
}

// An address such as ?find=12 arrives as a number.
function textOf(part: unknown): string {
  return typeof part === 'string' || typeof part === 'number' ? String(part) : '';
}
