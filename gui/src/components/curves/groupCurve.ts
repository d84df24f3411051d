/** The curve that stands for several. */

import type { ChartData } from '@/lib/chartData';
import { spreadOfNumbers } from '@/lib/spread';

import type { Band } from '../plotColumns';

/** The curve of a group: at each place the mean of its jobs, and the least and the most of them. */
export interface GroupCurve {
  x: number[];
  y: (number | null)[];
  band: Band;
}

/** Places at which a curve is reckoned. */
const PLACES = 160;

/**
 * Return the curve of several series. Between its points a series has the value of the last one before. `isWhole`: there
 * is nothing between two whole numbers of the axis.
 */
export function curveOf(series: ChartData[], isWhole: boolean): GroupCurve {
  const ends = series.flatMap(({ x }) => [x[0], x.at(-1)]).filter((end) => end !== undefined);
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  const count = ends.length === 0 ? 0 : from === to ? 1 : isWhole ? Math.min(PLACES, to - from + 1) : PLACES;
  const x = Array.from({ length: Math.ceil(count) }, (_, place) =>
    count <= 1 ? from : from + ((to - from) * place) / (Math.ceil(count) - 1),
  );
  const columns = series.map((each) => sampled(each, x));
  const spreads = x.map((_, place) =>
    spreadOfNumbers(columns.map((column) => column[place] ?? null).filter((value) => value !== null)),
  );
  return {
    x,
    y: spreads.map((spread) => spread?.mean ?? null),
    band: {
      low: spreads.map((spread) => spread?.min ?? null),
      high: spreads.map((spread) => spread?.max ?? null),
    },
  };
}

/** Return what a series says at each of ascending places: nothing before its first point, and nothing behind its last. */
export function sampled(series: ChartData, places: number[]): (number | null)[] {
  let next = 0;
  const end = series.x.at(-1) ?? -Infinity;
  return places.map((place) => {
    while (next < series.x.length && (series.x[next] ?? Infinity) <= place) next += 1;
    return next === 0 || place > end ? null : (series.y[next - 1] ?? null);
  });
}
