import { useInViewport } from '@mantine/hooks';
import { useMemo, useState } from 'react';

import { formatDuration } from '@/lib/duration';
import { formatCount, formatNumber, formatValue } from '@/lib/values';
import type { Job } from '@/types/api';

import { useSeries } from './api/getSeries';
import { hasSteps, toChart, type Axis, type ChartData } from './chartData';
import classes from './MetricCharts.module.css';
import { Plot } from './Plot';

interface MetricChartsProps {
  job: Job;
  names: string[];
  axis: Axis;
}

/** A small chart for each metric. */
export function MetricCharts({ job, names, axis }: MetricChartsProps) {
  return (
    <div className={classes.grid}>
      {names.map((name) => (
        <MetricChart key={name} job={job} name={name} axis={axis} />
      ))}
    </div>
  );
}

function MetricChart({ job, name, axis }: { job: Job; name: string; axis: Axis }) {
  const { ref, inViewport } = useInViewport<HTMLElement>();
  const { data: series, error } = useSeries(job.job_id, name, inViewport);
  const [pointed, setPointed] = useState<number | null>(null);
  const start = job.start_time ?? job.creation_time;
  const shownAxis: Axis = series && !hasSteps(series) ? 'time' : axis;
  const data = useMemo(() => series && toChart(series, shownAxis, start), [series, shownAxis, start]);
  const summary = job.metrics[name];
  return (
    <figure ref={ref} className={classes.card} aria-label={`Chart of ${name}`}>
      <figcaption className={classes.caption}>
        <span className={classes.name} title={name}>
          {name}
        </span>
        <Reading data={data} pointed={pointed} axis={shownAxis} last={formatValue(summary?.last)} />
      </figcaption>
      <div className={classes.plot}>
        {data && <Plot data={data} axis={shownAxis} onPoint={setPointed} />}
        {error && !data && <p className={classes.error}>Not read: {error.message}</p>}
      </div>
      <p className={classes.range}>
        {formatValue(summary?.min ?? undefined)} to {formatValue(summary?.max ?? undefined)} in{' '}
        {formatCount(summary?.count ?? 0)} points
      </p>
    </figure>
  );
}

interface ReadingProps {
  data: ChartData | undefined;
  pointed: number | null;
  axis: Axis;
  last: string;
}

/** The value under the pointer, or else the last. */
function Reading({ data, pointed, axis, last }: ReadingProps) {
  const x = pointed === null ? undefined : data?.x[pointed];
  if (x === undefined || pointed === null) return <span className={classes.last}>{last}</span>;
  const y = data?.y[pointed] ?? null;
  return (
    <span className={classes.last}>
      <span className={classes.at}>{axis === 'step' ? `step ${formatNumber(x)}` : formatDuration(x)}</span>
      {y === null ? 'no number' : formatNumber(y)}
    </span>
  );
}
