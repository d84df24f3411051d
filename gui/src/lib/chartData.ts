/** From a series to what a chart draws. */

import type { MetricSummary, Series } from '@/types/api';

import { numberOf } from './values';

/** What people choose for the horizontal axis: the step, the time since the job began, or the time of day. */
export type Axis = 'step' | 'relative' | 'time';

/** What stands on it: points are counted where a metric was logged without steps. */
export type ShownAxis = Axis | 'point';

export interface ChartData {
  x: number[];
  /** null is a gap: a point that is no finite number. */
  y: (number | null)[];
}

/** Names begin with this of what the SDK measures of the machine. */
const SYSTEM = 'system.';

/** Whether every point has a step, so that steps can be the axis. */
export function hasSteps(series: Series): boolean {
  return series.steps.length > 0 && series.steps.every((step) => step !== null);
}

/** Return the axis for a series of `count` points, of which the server sends fewer when there are many. */
export function axisFor(series: Series, wanted: Axis, count: number): ShownAxis {
  if (wanted !== 'step' || hasSteps(series)) return wanted;
  return series.values.length >= count ? 'point' : 'relative';
}

/** Return the points to draw, in the order of the axis. `start`: when the job began, in seconds. */
export function toChart(series: Series, axis: ShownAxis, start: number): ChartData {
  const xOf: Record<ShownAxis, (index: number) => number> = {
    step: (index) => series.steps[index] ?? 0,
    point: (index) => index + 1,
    relative: (index) => (series.times[index] ?? start) - start,
    time: (index) => series.times[index] ?? start,
  };
  const points = series.values.map((value, index) => ({ x: xOf[axis](index), y: finite(numberOf(value)) }));
  points.sort((left, right) => left.x - right.x); // stable: points of one step stay in the order of their times
  return { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}

/** Return `values` smoothed by `weight`, 0 to 1: each is drawn towards those before it; gaps stay gaps. */
export function smooth(values: (number | null)[], weight: number): (number | null)[] {
  let [mean, total] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    mean = mean * weight + value * (1 - weight);
    total = total * weight + (1 - weight);
    return mean / total; // the mean of what has been seen, so that a line does not begin at zero
  });
}

/** Points on either side of which the lowest and the highest bound an envelope. */
const AROUND = 4;

/** Return the lowest and the highest of the values around each: a spike keeps its whole height. */
export function envelopeOf(values: (number | null)[]): { low: (number | null)[]; high: (number | null)[] } {
  const around = (place: number): number[] =>
    values.slice(Math.max(0, place - AROUND), place + AROUND + 1).filter((value) => value !== null);
  const ends = values.map((_, place) => around(place));
  return {
    low: ends.map((near) => (near.length > 0 ? Math.min(...near) : null)),
    high: ends.map((near) => (near.length > 0 ? Math.max(...near) : null)),
  };
}

/**
 * Return the points of `series` over the values of another metric of the same job, in the order of that metric.
 *
 * Points belong together by their step, or where one of the two has none, by their place.
 */
export function overMetric(series: Series, other: Series): ChartData {
  const bySteps = hasSteps(series) && hasSteps(other);
  const places = new Map(other.steps.map((step, place) => [bySteps ? step : place, place]));
  const points = series.values.flatMap((value, index) => {
    const place = places.get(bySteps ? (series.steps[index] ?? null) : index);
    const x = place === undefined ? null : finite(numberOf(other.values[place]));
    return x === null ? [] : [{ x, y: finite(numberOf(value)) }];
  });
  points.sort((left, right) => left.x - right.x);
  return { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}

/** Return `values` as a logarithmic axis can show them: without what is zero or less. */
export function positive(values: (number | null)[]): (number | null)[] {
  return values.map((value) => (value !== null && value > 0 ? value : null));
}

/** Whether the SDK measured this of the machine, rather than the user of the model. */
export function isSystem(name: string): boolean {
  return name.startsWith(SYSTEM);
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
