/** What the address says about a comparison, so that a link shows what its sender saw. */

import { parseChartSearch, type ChartSearch } from '@/components/chartSearch';

export interface CompareSearch extends ChartSearch {
  /** Ids with commas between them. */
  jobs?: string;
  /** Whether what is the same is shown, too. */
  same?: boolean;
  /** The jobs whose code is compared, and the file. */
  left?: string;
  right?: string;
  file?: string;
  /** The pictures that are shown, and of which step. */
  picture?: string;
  step?: number;
}

const TEXTS = ['jobs', 'left', 'right', 'file', 'picture'] as const;

/** Return the known parts of an address's search. */
export function parseCompareSearch(search: Record<string, unknown>): CompareSearch {
  const known: CompareSearch = parseChartSearch(search);
  for (const name of TEXTS) {
    const value = search[name];
    if (typeof value === 'string' || typeof value === 'number') known[name] = String(value);
  }
  const { same, step } = search;
  if (same === true) known.same = true;
  if (typeof step === 'number') known.step = step;
  return known;
}
