/** What the address says about a comparison, so that a link shows what its sender saw. */

import type { Axis } from '@/lib/chartData';

export interface CompareSearch {
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
  axis?: Axis;
  log?: boolean;
  smoothing?: number;
}

const TEXTS = ['jobs', 'left', 'right', 'file', 'picture'] as const;

/** Return the known parts of an address's search. */
export function parseCompareSearch(search: Record<string, unknown>): CompareSearch {
  const known: CompareSearch = {};
  for (const name of TEXTS) {
    const value = search[name];
    if (typeof value === 'string' || typeof value === 'number') known[name] = String(value);
  }
  const { same, log, axis, step, smoothing } = search;
  if (same === true) known.same = true;
  if (log === true) known.log = true;
  if (axis === 'relative' || axis === 'time') known.axis = axis;
  if (typeof step === 'number') known.step = step;
  if (typeof smoothing === 'number' && smoothing > 0 && smoothing < 1) known.smoothing = smoothing;
  return known;
}
