import { useInViewport } from '@mantine/hooks';
import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';

import { ChartControls, PLAIN, type ChartChoice } from '@/components/ChartControls';
import { Plot, type PlotLine } from '@/components/Plot';
import { formatX } from '@/components/plotAxes';
import { Section } from '@/components/Section';
import { axisFor, toChart, type ShownAxis } from '@/lib/chartData';
import { seriesQuery } from '@/lib/getSeries';
import { shortId } from '@/lib/jobId';
import { lookOf } from '@/lib/lineLooks';
import { formatNumber } from '@/lib/values';
import type { Job, Series } from '@/types/api';

import { metricsOf } from './differences';
import { LineSwatch } from './LineSwatch';
import classes from './OverlaySection.module.css';

/** Pixels; the same as the height of the frame. */
const HEIGHT = 220;
/** So many values under the pointer are listed. */
const LISTED = 8;

/** A chart for each metric, with a line for each job. */
export function OverlaySection({ jobs }: { jobs: Job[] }) {
  const [choice, setChoice] = useState(PLAIN);
  const names = useMemo(() => metricsOf(jobs), [jobs]);
  return (
    <Section
      title="Metrics"
      count={names.length}
      controls={names.length > 0 && <ChartControls choice={choice} onChange={setChoice} />}
    >
      {names.length === 0 && (
        <p className={classes.empty}>None of these jobs has a metric with several points.</p>
      )}
      <div className={classes.grid}>
        {names.map((name) => (
          <Overlay key={name} name={name} jobs={jobs} choice={choice} />
        ))}
      </div>
    </Section>
  );
}

interface OverlayProps {
  name: string;
  jobs: Job[];
  choice: ChartChoice;
}

interface Pointed {
  x: number;
  values: (number | null)[];
}

function Overlay({ name, jobs, choice }: OverlayProps) {
  const { ref, inViewport } = useInViewport<HTMLElement>();
  const [pointed, setPointed] = useState<Pointed>();
  const point = useCallback((x: number | null, values: (number | null)[]) => {
    setPointed(x === null ? undefined : { x, values });
  }, []);
  const measured = useMemo(
    () => jobs.map((job, index) => ({ job, index })).filter(({ job }) => job.metrics[name] !== undefined),
    [jobs, name],
  );
  const { series, failed } = useQueries({
    queries: measured.map(({ job }) => ({ ...seriesQuery(job.job_id, name), enabled: inViewport })),
    combine: (answers) => ({
      series: answers.map(({ data }) => data),
      failed: answers.filter(({ isError }) => isError).length,
    }),
  });
  const axis = commonAxis(
    series,
    measured.map(({ job }) => job.metrics[name]?.count ?? 0),
    choice,
  );
  const lines = useMemo(() => linesOf(measured, series, axis), [measured, series, axis]);
  return (
    <figure ref={ref} className={classes.card} aria-label={`Chart of ${name}`}>
      <figcaption className={classes.caption}>
        <span className={classes.name}>{name}</span>
        <span className={classes.at}>{pointed && `${axis} ${formatX(axis, pointed.x)}`}</span>
      </figcaption>
      <div style={{ height: HEIGHT }}>
        {lines.length > 0 && (
          <Plot
            lines={lines}
            axis={axis}
            look={choice}
            height={HEIGHT}
            sync={`compare ${axis}`}
            formatY={formatNumber}
            onPoint={point}
          />
        )}
      </div>
      {failed > 0 && <p className={classes.note}>{failed} series could not be read.</p>}
      <Readings jobs={measured} pointed={pointed} />
    </figure>
  );
}

interface Measured {
  job: Job;
  /** Its place among all compared jobs, which tells its look. */
  index: number;
}

/** Return the axis on which all of these can stand: steps only if all have them. */
function commonAxis(all: (Series | undefined)[], counts: number[], { axis }: ChartChoice): ShownAxis {
  const axes = all.map((series, index) => (series ? axisFor(series, axis, counts[index] ?? 0) : axis));
  return axes.find((each) => each === 'relative') ?? axes.find((each) => each === 'point') ?? axis;
}

function linesOf(measured: Measured[], all: (Series | undefined)[], axis: ShownAxis): PlotLine[] {
  return measured.map(({ job, index }, place) => {
    const series = all[place];
    const data = series ? toChart(series, axis, job.start_time ?? job.creation_time) : { x: [], y: [] };
    return { name: job.job_id, data, ...lookOf(index) };
  });
}

/** The values under the pointer, largest first; without a pointer, which line is whose. */
function Readings({ jobs, pointed }: { jobs: Measured[]; pointed: Pointed | undefined }) {
  const known = jobs.map(({ job, index }, place) => ({
    id: job.job_id,
    index,
    value: pointed?.values[place] ?? null,
  }));
  const read = known
    .filter(({ value }) => value !== null)
    .sort((left, right) => (right.value ?? 0) - (left.value ?? 0));
  const listed = (read.length > 0 ? read : known).slice(0, LISTED);
  const more = (read.length > 0 ? read : known).length - listed.length;
  return (
    <ul className={classes.legend}>
      {listed.map(({ id, index, value }) => (
        <li key={id}>
          <LineSwatch index={index} />
          <span className={classes.id}>{shortId(id)}</span>
          {value !== null && <strong>{formatNumber(value)}</strong>}
        </li>
      ))}
      {more > 0 && <li className={classes.note}>and {more} more</li>}
    </ul>
  );
}
