/** What the lines of a chart come to. */

import type { LookedAt } from '@/components/lineFocus';
import { formatOf, isLessBetter } from '@/lib/metricWords';

export type Reading = 'last' | 'best';

/** Return the last or the best number of each line in words, by the name of the line. */
export function readingsOf(chart: LookedAt | undefined, reading: Reading): Map<string, string> {
  if (!chart) return new Map();
  const better = isLessBetter(chart.name) ? Math.min : Math.max;
  const format = formatOf(chart.name);
  return new Map(
    chart.lines.flatMap(({ name, data }) => {
      const numbers = data.y.filter((value) => value !== null);
      const value = reading === 'last' ? numbers.at(-1) : numbers.reduce(pickOf(better), NaN);
      return value === undefined || Number.isNaN(value) ? [] : [[name, format(Number(value.toPrecision(4)))]];
    }),
  );
}

function pickOf(better: (one: number, other: number) => number) {
  return (best: number, value: number): number => (Number.isNaN(best) ? value : better(best, value));
}
