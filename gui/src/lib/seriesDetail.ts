/** The part of a series that somebody looks at closely, as the server is asked for it. */

import type { SeriesPart } from '@/types/api';

import type { ShownAxis } from './chartData';

/**
 * Return the part that a chart shows between two places of its axis; undefined for all of it, and where the server
 * knows no such axis. `start`: when the job began, in seconds.
 */
export function partOf(
  axis: ShownAxis | 'metric',
  zoom: readonly [number, number] | undefined,
  start: number,
): SeriesPart | undefined {
  if (!zoom || axis === 'point' || axis === 'metric') return undefined;
  const [from, to] = zoom;
  if (axis === 'relative') return { axis: 'time', from: from + start, to: to + start };
  return { axis, from, to };
}
