/** The lines of one metric of several jobs. */

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { PlotLine } from '@/components/Plot';
import type { Axis, ChartData } from '@/lib/chartData';
import { manySeriesQuery } from '@/lib/getManySeries';
import { lookOf } from '@/lib/lineLooks';
import { formatCount, numberOf } from '@/lib/values';
import type { Job, ManySeries } from '@/types/api';

/** Milliseconds between two readings while one of the jobs runs. */
const PACE = 3000;

export interface Measured {
  job: Job;
  /** Its place among all compared jobs, which tells its look. */
  index: number;
}

export interface Overlay {
  lines: PlotLine[];
  /** Steps stand on the axis only where all jobs logged them. */
  axis: Axis;
  /** Why the axis is another than was wanted, and which lines are missing; empty where neither is so. */
  note: string;
  error: Error | null;
}

/** Read a metric of the jobs, once somebody can see it. */
export function useOverlay(measured: Measured[], name: string, wanted: Axis, isSeen: boolean): Overlay {
  const ids = useMemo(() => measured.map(({ job }) => job.job_id), [measured]);
  const isLive = measured.some(({ job }) => job.status === 'running');
  const options = { enabled: isSeen, refetchInterval: isLive ? PACE : (false as const) };
  const bySteps = useQuery({
    ...manySeriesQuery(ids, name, 'step'),
    ...options,
    enabled: isSeen && wanted === 'step',
  });
  const without = bySteps.data ? lackingSteps(bySteps.data) : 0;
  const isByTime = wanted !== 'step' || without > 0;
  const byTime = useQuery({ ...manySeriesQuery(ids, name, 'time'), ...options, enabled: isSeen && isByTime });
  const axis = isByTime && wanted === 'step' ? 'relative' : wanted;
  const data = isByTime ? byTime.data : bySteps.data;
  const lines = useMemo(() => (data ? linesOf(measured, data, axis) : []), [measured, data, axis]);
  const why = axis === wanted ? '' : noteOf(without, measured.length);
  const note = [why, missingWords(data?.missing.length ?? 0)].filter(Boolean).join(' ');
  return { lines, axis, note, error: isByTime ? byTime.error : bySteps.error };
}

/** Return how many of the series have a point without a step. */
function lackingSteps({ series }: ManySeries): number {
  return series.filter(({ x }) => x.some((step) => step === null)).length;
}

function noteOf(without: number, jobs: number): string {
  if (without === jobs) return 'Logged without steps, so shown over time.';
  return `${formatCount(without)} of ${formatCount(jobs)} jobs logged it without steps, so all are shown over time.`;
}

function missingWords(count: number): string {
  if (count === 0) return '';
  const jobs = count === 1 ? 'one job' : `${formatCount(count)} jobs`;
  return `The points of ${jobs} could not be read: a file of the archive is gone or damaged.`;
}

/** Return a line for each job, in their order, also for one without points. */
export function linesOf(measured: Measured[], { series }: ManySeries, axis: Axis): PlotLine[] {
  const known = new Map(series.map((each) => [each.job_id, each]));
  return measured.map(({ job, index }) => {
    const found = known.get(job.job_id);
    const start = axis === 'relative' ? (job.start_time ?? job.creation_time) : 0;
    return { name: job.job_id, data: found ? chartOf(found, start) : { x: [], y: [] }, ...lookOf(index) };
  });
}

function chartOf({ x, values }: ManySeries['series'][number], start: number): ChartData {
  const points = x.flatMap((place, index) => {
    const value = numberOf(values[index]);
    return place === null ? [] : [{ x: place - start, y: Number.isFinite(value) ? (value ?? null) : null }];
  });
  points.sort((left, right) => left.x - right.x);
  return { x: points.map(({ x: place }) => place), y: points.map(({ y }) => y) };
}
