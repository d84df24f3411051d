import { useInViewport } from '@mantine/hooks';
import { useCallback, useMemo, useState } from 'react';

import type { ChartChoice } from '@/components/chartChoice';
import { ChartExport } from '@/components/ChartExport';
import { Plot } from '@/components/Plot';
import { formatX, type PlotAxis } from '@/components/plotAxes';
import { nameIn } from '@/lib/metricGroups';
import { formatMetric, formatOf, shortName } from '@/lib/metricWords';
import { isBelowLog } from '@/lib/oddValues';
import { usePrepared } from '@/lib/printing';
import { formatCount } from '@/lib/values';
import type { Job, MetricSummary, Value } from '@/types/api';

import classes from './MetricCharts.module.css';
import { useChartLines } from './useChartLines';

/** Pixels; the same as the height of the frame. */
const HEIGHT = 150;

const AXIS_WORDS: Record<PlotAxis, string> = {
  step: 'step',
  point: 'point',
  relative: 'after',
  time: 'at',
  metric: 'at',
};

interface MetricChartsProps {
  job: Job;
  metrics: Record<string, MetricSummary>;
  names: string[];
  /** What the names begin with, which stands above the charts. */
  prefix: string;
  choice: ChartChoice;
}

/** A small chart for each metric. */
export function MetricCharts({ job, metrics, names, prefix, choice }: MetricChartsProps) {
  return (
    <div className={classes.grid}>
      {names.map((name) => (
        <MetricChart
          key={name}
          job={job}
          name={name}
          words={shortName(nameIn(prefix, name))}
          summary={metrics[name]}
          choice={choice}
        />
      ))}
    </div>
  );
}

interface MetricChartProps {
  job: Job;
  name: string;
  /** The name as it stands above the chart. */
  words: string;
  summary: MetricSummary | undefined;
  choice: ChartChoice;
}

interface Pointed {
  x: number;
  y: number | null;
}

function MetricChart({ job, name, words, summary, choice }: MetricChartProps) {
  const { ref, inViewport } = useInViewport<HTMLElement>();
  const isSeen = usePrepared() || inViewport;
  const count = summary?.count ?? 0;
  const { lines, axis, zoom, setZoom, error, odd } = useChartLines(job, name, count, choice, isSeen);
  const [pointed, setPointed] = useState<Pointed>();
  const point = useCallback((x: number | null, [y = null]: (number | null)[]) => {
    setPointed(x === null ? undefined : { x, y });
  }, []);
  const format = useMemo(() => formatOf(name), [name]);
  const told = (value: Value | undefined): string => formatMetric(name, value);
  const looks = { lines, axis, look: choice, formatY: format };
  return (
    <figure ref={ref} className={classes.card} aria-label={`Chart of ${name}`}>
      <figcaption className={classes.caption}>
        <span className={classes.name} title={name}>
          {words}
        </span>
        <span className={classes.end}>
          <Reading pointed={pointed} axis={axis} format={format} last={told(summary?.last)} />
          {lines.length > 0 && <ChartExport title={name} zoom={zoom} {...looks} />}
        </span>
      </figcaption>
      <div className={classes.plot}>
        {lines.length > 0 && (
          <Plot {...looks} height={HEIGHT} sync={`job ${axis}`} onPoint={point} onZoom={setZoom} />
        )}
        {choice.isLog && isBelowLog(lines) && (
          <p className={classes.nothing}>No value is above zero: a log scale shows none.</p>
        )}
        {lines.length === 0 && !error && (
          <p className={classes.unread}>
            Not drawn: on the page, Ctrl and P read every chart before they print.
          </p>
        )}
        {error && <p className={classes.error}>Not read: {error.message}</p>}
      </div>
      <p className={classes.range}>
        <span>
          {told(summary?.min ?? undefined)} to {told(summary?.max ?? undefined)}
        </span>
        <span>
          {formatCount(count)} points
          {odd && `, ${odd}`}
          {axis === 'point' && ', logged without steps'}
          {axis === 'relative' && choice.axis === 'step' && ', without steps: over time'}
        </span>
      </p>
    </figure>
  );
}

interface ReadingProps {
  pointed: Pointed | undefined;
  axis: PlotAxis;
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
