import { useInViewport } from '@mantine/hooks';
import { useCallback, useMemo, useState } from 'react';

import type { ChartChoice } from '@/components/ChartControls';
import { Plot } from '@/components/Plot';
import { formatX } from '@/components/plotAxes';
import { axisFor, toChart, type ShownAxis } from '@/lib/chartData';
import { useSeries } from '@/lib/getSeries';
import { formatBytes, formatCount, formatNumber, formatValue } from '@/lib/values';
import type { Job, MetricSummary, Value } from '@/types/api';

import classes from './MetricCharts.module.css';

/** Pixels; the same as the height of the frame. */
const HEIGHT = 150;

const AXIS_WORDS: Record<ShownAxis, string> = {
  step: 'step',
  point: 'point',
  relative: 'after',
  time: 'at',
};

interface MetricChartsProps {
  job: Job;
  metrics: Record<string, MetricSummary>;
  names: string[];
  choice: ChartChoice;
}

/** A small chart for each metric. */
export function MetricCharts({ job, metrics, names, choice }: MetricChartsProps) {
  return (
    <div className={classes.grid}>
      {names.map((name) => (
        <MetricChart key={name} job={job} name={name} summary={metrics[name]} choice={choice} />
      ))}
    </div>
  );
}

interface MetricChartProps {
  job: Job;
  name: string;
  summary: MetricSummary | undefined;
  choice: ChartChoice;
}

interface Pointed {
  x: number;
  y: number | null;
}

function MetricChart({ job, name, summary, choice }: MetricChartProps) {
  const { ref, inViewport } = useInViewport<HTMLElement>();
  const { data: series, error } = useSeries(job.job_id, name, inViewport);
  const [pointed, setPointed] = useState<Pointed>();
  const point = useCallback((x: number | null, [y = null]: (number | null)[]) => {
    setPointed(x === null ? undefined : { x, y });
  }, []);
  const start = job.start_time ?? job.creation_time;
  const axis = series ? axisFor(series, choice.axis, summary?.count ?? 0) : choice.axis;
  const lines = useMemo(
    () => (series ? [{ name, data: toChart(series, axis, start), colour: '--accent' }] : []),
    [series, name, axis, start],
  );
  const format = isBytes(name) ? formatBytesOf : formatNumber;
  const told = (value: Value | undefined): string =>
    typeof value === 'number' ? format(value) : formatValue(value);
  return (
    <figure ref={ref} className={classes.card} aria-label={`Chart of ${name}`}>
      <figcaption className={classes.caption}>
        <span className={classes.name} title={name}>
          {name.replace(/^system\./, '')}
        </span>
        <Reading pointed={pointed} axis={axis} format={format} last={told(summary?.last)} />
      </figcaption>
      <div className={classes.plot}>
        {series && (
          <Plot
            lines={lines}
            axis={axis}
            look={choice}
            height={HEIGHT}
            sync={`job ${axis}`}
            formatY={format}
            onPoint={point}
          />
        )}
        {error && !series && <p className={classes.error}>Not read: {error.message}</p>}
      </div>
      <p className={classes.range}>
        <span>
          {told(summary?.min ?? undefined)} to {told(summary?.max ?? undefined)}
        </span>
        <span>
          {formatCount(summary?.count ?? 0)} points
          {axis === 'point' && ', logged without steps'}
          {axis === 'relative' && choice.axis === 'step' && ', without steps: over time'}
        </span>
      </p>
    </figure>
  );
}

function isBytes(name: string): boolean {
  return name.startsWith('system.') && name.includes('bytes');
}

function formatBytesOf(bytes: number): string {
  return formatBytes(Math.round(bytes));
}

interface ReadingProps {
  pointed: Pointed | undefined;
  axis: ShownAxis;
  format: (value: number) => string;
  last: string;
}

/** The value under the pointer, or else the last. */
function Reading({ pointed, axis, format, last }: ReadingProps) {
  if (!pointed) return <span className={classes.last}>{last}</span>;
  return (
    <span className={classes.last}>
      <span className={classes.at}>
        {AXIS_WORDS[axis]} {formatX(axis, pointed.x)}
      </span>
      {pointed.y === null ? 'no number' : format(pointed.y)}
    </span>
  );
}
