import { useMemo } from 'react';

import type { ChartChoice } from '@/components/chartChoice';
import type { PlotLine, Zoom } from '@/components/Plot';
import type { PlotAxis } from '@/components/plotAxes';
import { useZoom } from '@/components/useZoom';
import { axisFor, overMetric, toChart } from '@/lib/chartData';
import { useSeries } from '@/lib/getSeries';
import { oddValues } from '@/lib/oddValues';
import { partOf } from '@/lib/seriesDetail';
import type { Job } from '@/types/api';

export interface ChartLines {
  lines: PlotLine[];
  axis: PlotAxis;
  zoom: Zoom;
  setZoom: (zoom: Zoom) => void;
  error: Error | null;
  /** What of the values is no finite number, in words. */
  odd: string;
}

/** Read a metric of a job once somebody can see it, and of what is looked at closely, all points that fit. */
export function useChartLines(
  job: Job,
  name: string,
  count: number,
  choice: ChartChoice,
  isSeen: boolean,
): ChartLines {
  const { job_id: id, start_time: started, creation_time: created } = job;
  const start = started ?? created;
  const { data: whole, error } = useSeries(id, name, isSeen);
  const { data: other } = useSeries(id, choice.xMetric ?? '', isSeen && choice.xMetric !== undefined);
  const ownAxis = whole ? axisFor(whole, choice.axis, count) : choice.axis;
  const axis: PlotAxis = choice.xMetric === undefined ? ownAxis : 'metric';
  const [zoom, setZoom] = useZoom(axis);
  const part = partOf(axis, zoom, start);
  const { data: detail } = useSeries(id, name, isSeen && part !== undefined, part);
  const series = part && detail ? detail : whole;
  const lines = useMemo((): PlotLine[] => {
    if (!series || (axis === 'metric' && !other)) return [];
    const data = axis === 'metric' && other ? overMetric(series, other) : toChart(series, ownAxis, start);
    return [{ name, data, colour: '--accent' }];
  }, [series, other, name, axis, ownAxis, start]);
  const odd = useMemo(() => (whole ? oddValues(whole.values, count) : ''), [whole, count]);
  return { lines, axis, zoom, setZoom, odd, error: whole ? null : error };
}
