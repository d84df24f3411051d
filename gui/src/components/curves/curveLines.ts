/** The lines of one metric of several jobs. */

import type { ChartData } from '@/lib/chartData';
import type { LineLook } from '@/lib/lineLooks';
import { formatCount, numberOf } from '@/lib/values';
import type { ManySeries } from '@/types/api';

import type { PlotAxis } from '../plotAxes';
import type { PlotLine } from '../plotColumns';
import { curveOf, sampled } from './groupCurve';

/** A job as charts draw it. */
export interface Curve {
  id: string;
  /** As it is called beside a line. */
  label: string;
  look: LineLook;
  /** When it began, in seconds since the epoch. */
  start: number;
  /** Whether more points may come. */
  isLive: boolean;
  isHidden?: boolean;
  /** The group in whose mean it is. */
  group?: string | undefined;
}

/** Return a line for each job, in their order, also for one without points. */
export function linesOf(curves: Curve[], { series }: ManySeries, axis: PlotAxis): PlotLine[] {
  const known = new Map(series.map((each) => [each.job_id, each]));
  return curves.map(({ id, look, start }) => {
    const found = known.get(id);
    const data = found ? pointsOf(found, axis === 'relative' ? start : 0) : NOTHING;
    return { name: id, data, ...look };
  });
}

/** Return the lines with another metric on the horizontal axis: what it was last when each point was logged. */
export function overMetric(lines: PlotLine[], others: PlotLine[]): PlotLine[] {
  const known = new Map(others.map(({ name, data }) => [name, data]));
  return lines.map((line) => ({ ...line, data: placedOver(line.data, known.get(line.name) ?? NOTHING) }));
}

/** Return a line for each group of jobs: their mean, in the band from the least to the most. */
export function meansOf(curves: Curve[], lines: PlotLine[], axis: PlotAxis): PlotLine[] {
  const groups = new Map<string, { look: LineLook; data: ChartData[] }>();
  curves.forEach(({ group = '', look }, index) => {
    const found = groups.get(group) ?? { look, data: [] };
    groups.set(group, found);
    const { data } = lines[index] ?? {};
    if (data && data.x.length > 0) found.data.push(data);
  });
  return [...groups].flatMap(([name, { look, data }]) => {
    const { x, y, band } = curveOf(data, axis === 'step');
    return x.length === 0 ? [] : [{ name, data: { x, y }, band, ...look }];
  });
}

/** Return how many of the series have a point without a step. */
export function lackingSteps({ series }: ManySeries): number {
  return series.filter(({ x }) => x.some((step) => step === null)).length;
}

/** Say what stands in place of the axis that was wanted, and for whom. */
export function axisNote(without: number, jobs: number): string {
  if (without === jobs) return 'Logged without steps, so shown over time.';
  return `${formatCount(without)} of ${formatCount(jobs)} jobs logged it without steps, so all are shown over time.`;
}

/** Say of how many jobs the points are gone; "" where of none. */
export function missingNote({ missing: { length: count } }: ManySeries): string {
  if (count === 0) return '';
  return `The points of ${jobWords(count)} could not be read: a file of the archive is gone or damaged.`;
}

/** Say how many jobs logged what no line can show; "" where none did. */
export function oddNote({ series }: ManySeries): string {
  const count = series.filter(({ values }) => values.some((value) => typeof value === 'string')).length;
  return count === 0 ? '' : `NaN or ∞ in ${jobWords(count)}: a gap in the line.`;
}

const NOTHING: ChartData = { x: [], y: [] };

function pointsOf({ x, values }: ManySeries['series'][number], start: number): ChartData {
  const points = x.flatMap((place, index) => {
    const value = numberOf(values[index]);
    return place === null ? [] : [{ x: place - start, y: Number.isFinite(value) ? (value ?? null) : null }];
  });
  return inOrder(points);
}

function placedOver({ x, y }: ChartData, other: ChartData): ChartData {
  const places = sampled(other, x);
  return inOrder(
    places.flatMap((place, index) => (place === null ? [] : [{ x: place, y: y[index] ?? null }])),
  );
}

function inOrder(points: { x: number; y: number | null }[]): ChartData {
  points.sort((left, right) => left.x - right.x); // stable: points of one place stay in the order of their times
  return { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}

function jobWords(count: number): string {
  return count === 1 ? 'one job' : `${formatCount(count)} jobs`;
}
