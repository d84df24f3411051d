/** From a series to what a chart draws. */

import { numberOf } from '@/lib/values';
import type { MetricSummary, Series } from '@/types/api';

/** What stands on the horizontal axis: the step, or the seconds since the job began. */
export type Axis = 'step' | 'time';

export interface ChartData {
  x: number[];
  /** null is a gap: a point that is no finite number. */
  y: (number | null)[];
}

/** Whether every point has a step, so that steps can be the axis. */
export function hasSteps(series: Series): boolean {
  return series.steps.length > 0 && series.steps.every((step) => step !== null);
}

/** Return the points to draw, in the order of the axis. `start`: when the job began, in seconds. */
export function toChart(series: Series, axis: Axis, start: number): ChartData {
  const useSteps = axis === 'step' && hasSteps(series);
  const points = series.values.map((value, index) => ({
    x: useSteps ? (series.steps[index] ?? 0) : (series.times[index] ?? start) - start,
    y: finite(numberOf(value)),
  }));
  points.sort((left, right) => left.x - right.x); // stable: points of one step stay in the order of their times
  return { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}

/** Split metrics into those that make a line, and those that are a single value or no numbers. */
export function splitMetrics(metrics: Record<string, MetricSummary>): { lines: string[]; values: string[] } {
  const names = Object.keys(metrics);
  const isLine = (name: string): boolean => {
    const metric = metrics[name];
    return metric !== undefined && metric.count > 1 && metric.min !== null;
  };
  return { lines: names.filter(isLine), values: names.filter((name) => !isLine(name)) };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
