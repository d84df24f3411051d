/** Reads what a chart of several jobs shows. */

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { Axis } from '@/lib/chartData';
import { manySeriesQuery } from '@/lib/getManySeries';
import type { ManySeries, SeriesPart } from '@/types/api';

import type { ChartChoice } from '../chartChoice';
import type { PlotLine, Zoom } from '../Plot';
import type { PlotAxis } from '../plotAxes';
import { useZoom } from '../useZoom';
import {
  axisNote,
  lackingSteps,
  linesOf,
  meansOf,
  missingNote,
  oddNote,
  overMetric,
  type Curve,
} from './curveLines';

/** Milliseconds between two readings while one of the jobs runs. */
const PACE = 3000;

export interface Drawn {
  /** What is drawn: the jobs, or the means of their groups. */
  lines: PlotLine[];
  /** The lines of the jobs themselves, hidden or not, in their order. */
  jobs: PlotLine[];
  /** Steps stand on the axis only where all jobs logged them. */
  axis: PlotAxis;
  /** What of it is looked at closely. */
  zoom: Zoom;
  setZoom: (zoom: Zoom) => void;
  /** Why the axis is another than was wanted, and what is missing; empty where nothing is. */
  note: string;
  isPending: boolean;
  error: Error | null;
}

export interface Wanted {
  curves: Curve[];
  name: string;
  choice: ChartChoice;
  /** Whether each group is one line. */
  isMean: boolean;
  /** Whether somebody can see it: nothing is read before. */
  isSeen: boolean;
}

/** Read a metric of the jobs, and the part that is looked at closely with more of its points. */
export function useCurves({ curves, name, choice, isMean, isSeen }: Wanted): Drawn {
  const { axis: wanted, xMetric } = choice;
  const bySteps = useManySeries(curves, isSeen && wanted === 'step' && name, 'step');
  const without = bySteps.data ? lackingSteps(bySteps.data) : 0;
  const base: Axis = without > 0 ? 'relative' : wanted;
  const place = base === 'step' ? 'step' : 'time';
  const byTime = useManySeries(curves, isSeen && place === 'time' && name, 'time');
  const answer = place === 'time' ? byTime : bySteps;
  const axis: PlotAxis = xMetric === undefined ? base : 'metric';
  const other = useManySeries(curves, isSeen && xMetric !== undefined && xMetric, place);
  const [zoom, setZoom] = useZoom(axis);
  const part = axis === 'metric' ? undefined : partOf(base, zoom, curves);
  const detail = useManySeries(curves, isSeen && part !== undefined && name, place, part);
  const data = part && detail.data ? detail.data : answer.data;
  const jobs = useMemo(() => {
    if (!data || (axis === 'metric' && !other.data)) return [];
    const lines = linesOf(curves, data, base);
    return other.data ? overMetric(lines, linesOf(curves, other.data, base)) : lines;
  }, [curves, data, other.data, axis, base]);
  const lines = useMemo(() => shownOf(curves, jobs, isMean, axis), [curves, jobs, isMean, axis]);
  const state = axis === 'metric' ? stateOf(answer, other) : stateOf(answer);
  return { lines, jobs, axis, zoom, setZoom, note: noteOf(answer.data, without, curves.length), ...state };
}

/** Whether any of what the lines are made of is still to come, and what kept any from being read. */
function stateOf(...answers: { isPending: boolean; error: Error | null }[]) {
  const error = answers.find((each) => each.error)?.error ?? null;
  return { isPending: answers.some(({ isPending }) => isPending), error };
}

/** One metric of the jobs, or of none where there is no name. */
function useManySeries(
  curves: Curve[],
  name: string | false,
  axis: SeriesPart['axis'],
  part?: Omit<SeriesPart, 'axis'>,
) {
  const ids = useMemo(() => curves.map(({ id }) => id), [curves]);
  return useQuery({
    ...manySeriesQuery(ids, name || '', axis, part),
    enabled: name !== false && ids.length > 0,
    refetchInterval: curves.some(({ isLive }) => isLive) ? PACE : false,
    // The lines of before stay until a new job's are here; those of another metric do not.
    placeholderData: (before: ManySeries | undefined, query) =>
      query?.queryKey[1] === name && query.queryKey[2] === axis && part === undefined ? before : undefined,
  });
}

function shownOf(curves: Curve[], jobs: PlotLine[], isMean: boolean, axis: PlotAxis): PlotLine[] {
  const lines = jobs.filter((_, index) => curves[index]?.isHidden !== true);
  return isMean
    ? meansOf(
        curves.filter(({ isHidden }) => isHidden !== true),
        lines,
        axis,
      )
    : lines;
}

/** Return the part of all series that is looked at. On an axis that begins with each job it lies elsewhere for each. */
function partOf(axis: Axis, zoom: Zoom, curves: Curve[]): Omit<SeriesPart, 'axis'> | undefined {
  if (!zoom || curves.length === 0) return undefined;
  const [from, to] = zoom;
  if (axis !== 'relative') return { from, to };
  const starts = curves.map(({ start }) => start);
  return { from: from + Math.min(...starts), to: to + Math.max(...starts) };
}

function noteOf(data: ManySeries | undefined, without: number, jobs: number): string {
  if (!data) return '';
  const axis = without > 0 ? axisNote(without, jobs) : '';
  return [axis, oddNote(data), missingNote(data)].filter(Boolean).join(' ');
}
