/** The axes of a chart: their marks, and what stands beside them. */

import type UPlot from 'uplot';

import type { ShownAxis } from '@/lib/chartData';
import { formatDuration } from '@/lib/duration';
import { formatClock } from '@/lib/time';
import { formatNumber } from '@/lib/values';

/** What stands on the horizontal axis of a chart: `metric` is the value of another metric. */
export type PlotAxis = ShownAxis | 'metric';

/** Distances, in seconds, between the marks of an axis of time: those that people count in. */
const SPANS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
].concat([1, 2, 5, 10, 20, 50, 100].map((days) => days * 86400));

/** Distances between the marks of an axis of steps: there is no step 1.5. */
const WHOLE_STEPS = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();

/** Return a place on the horizontal axis as people read it. */
export function formatX(axis: PlotAxis, x: number): string {
  if (axis === 'relative') return formatDuration(x);
  return axis === 'time' ? formatClock(x * 1000) : formatNumber(x);
}

/** Return both axes, in the colours and the font of `style`. */
export function axesOf(
  style: CSSStyleDeclaration,
  axis: PlotAxis,
  formatY: (value: number) => string,
): UPlot.Axis[] {
  const lines = {
    font: `11px ${style.fontFamily}`,
    stroke: style.getPropertyValue('--text-faint'),
    grid: { stroke: style.getPropertyValue('--line'), width: 1 },
    ticks: { show: false },
  };
  return [
    {
      ...lines,
      size: 22,
      gap: 4,
      space: 64,
      grid: { show: false },
      // On a logarithmic axis the marks between the powers have no words.
      values: (_, splits) =>
        splits.map((split: number | null) => (split === null ? '' : formatX(axis, split))),
      ...distancesOn(axis),
    },
    {
      ...lines,
      // uPlot asks once before it has values, whatever its types say.
      size: (_, values: string[] | null) =>
        Math.max(24, ...(values ?? []).map((value) => value.length * 6.6 + 8)),
      gap: 6,
      space: 32,
      // On a logarithmic axis the marks between the powers have no words.
      values: (_, splits) => splits.map((split: number | null) => (split === null ? '' : formatY(split))),
    },
  ];
}

function distancesOn(axis: PlotAxis): Pick<UPlot.Axis, 'incrs'> {
  if (axis === 'metric') return {};
  return { incrs: axis === 'relative' || axis === 'time' ? SPANS : WHOLE_STEPS };
}
