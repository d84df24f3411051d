/** What an address says of how charts are drawn, so that a link shows what its sender saw. */

import { PLAIN, type ChartChoice } from './chartChoice';

export interface ChartSearch {
  axis?: 'relative' | 'time';
  /** A metric in place of the axis. */
  over?: string;
  log?: boolean;
  logx?: boolean;
  smoothing?: number;
  envelope?: boolean;
}

/** Return the known parts of an address's search. */
export function parseChartSearch(search: Record<string, unknown>): ChartSearch {
  const known: ChartSearch = {};
  const { axis, over, smoothing } = search;
  if (axis === 'relative' || axis === 'time') known.axis = axis;
  if (typeof over === 'string' || typeof over === 'number') known.over = String(over);
  if (typeof smoothing === 'number' && smoothing > 0 && smoothing < 1) known.smoothing = smoothing;
  for (const part of ['log', 'logx', 'envelope'] as const) if (search[part] === true) known[part] = true;
  return known;
}

/** Return the choice that a search says. */
export function choiceOf({ axis, over, log, logx, smoothing, envelope }: ChartSearch): ChartChoice {
  return {
    axis: axis ?? PLAIN.axis,
    xMetric: over,
    isLog: log ?? false,
    isLogX: logx ?? false,
    smoothing: smoothing ?? 0,
    hasEnvelope: envelope ?? false,
  };
}

/** Return the search that says a choice; what is plain is undefined, and so left out. */
export function searchOf(choice: ChartChoice): {
  [Part in keyof ChartSearch]-?: ChartSearch[Part] | undefined;
} {
  return {
    axis: choice.axis === 'step' ? undefined : choice.axis,
    over: choice.xMetric,
    log: choice.isLog || undefined,
    logx: choice.isLogX === true || undefined,
    smoothing: choice.smoothing || undefined,
    envelope: choice.hasEnvelope === true || undefined,
  };
}
