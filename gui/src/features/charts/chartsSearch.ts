/** What the address says about a project's charts, so that a link shows what its sender saw. */

import { parseChartSearch, type ChartSearch } from '@/components/chartSearch';

export interface ChartsSearch extends ChartSearch {
  /** Words, or a sentence of the server's language; the same as the table's. */
  filter?: string;
  /** How many of the newest jobs are drawn, where it is not `FEW`. */
  count?: number;
  /** The column by whose values the lines have their colours. */
  group?: string;
  /** Whether the jobs of a group are one line. */
  mean?: boolean;
  /** Ids of jobs that are not drawn, with commas between them. */
  hide?: string;
  /** Words that the metrics have in their names. */
  find?: string;
}

/** A change of the address; undefined takes a part out of it. */
export type ChartsChange = { [Part in keyof ChartsSearch]?: ChartsSearch[Part] | undefined };

/** Jobs that are drawn until somebody wants more, and the most: the series of one request. */
export const [FEW, MOST] = [20, 200];

const TEXTS = ['filter', 'group', 'hide', 'find'] as const;

/** Return the known parts of an address's search. */
export function parseChartsSearch(search: Record<string, unknown>): ChartsSearch {
  const known: ChartsSearch = parseChartSearch(search);
  for (const name of TEXTS) {
    const value = search[name];
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') known[name] = String(value);
  }
  const { count, mean } = search;
  if (typeof count === 'number' && count >= 1 && count <= MOST && count !== FEW)
    known.count = Math.floor(count);
  if (mean === true) known.mean = true;
  return known;
}
