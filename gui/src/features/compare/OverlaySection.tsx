import { useInViewport } from '@mantine/hooks';
import { useCallback, useMemo, useState } from 'react';

import { ChartControls, PLAIN, type ChartChoice } from '@/components/ChartControls';
import { ChartExport } from '@/components/ChartExport';
import { Hint } from '@/components/Hint';
import { Plot } from '@/components/Plot';
import { formatX } from '@/components/plotAxes';
import { Section } from '@/components/Section';
import { shortId } from '@/lib/jobId';
import { isBelowLog } from '@/lib/oddValues';
import { formatNumber } from '@/lib/values';
import type { Job } from '@/types/api';

import { metricsOf } from './differences';
import { LineSwatch } from './LineSwatch';
import { useOverlay, type Measured } from './overlay';
import classes from './OverlaySection.module.css';
import { useCompareSearch } from './useCompareSearch';

/** Pixels; the same as the height of the frame. */
const HEIGHT = 220;
/** So many values under the pointer are listed. */
const LISTED = 8;

/** A chart for each metric, with a line for each job. */
export function OverlaySection({ jobs }: { jobs: Job[] }) {
  const [{ axis = 'step', log = false, smoothing = 0 }, change] = useCompareSearch();
  const [further, setFurther] = useState(PLAIN);
  const choice = useMemo(
    () => ({ ...further, axis, isLog: log, smoothing }),
    [further, axis, log, smoothing],
  );
  const setChoice = (next: ChartChoice): void => {
    setFurther(next);
    change({ axis: next.axis, log: next.isLog, smoothing: next.smoothing });
  };
  const names = useMemo(() => metricsOf(jobs), [jobs]);
  return (
    <Section
      title="Metrics"
      count={names.length}
      controls={names.length > 0 && <ChartControls choice={choice} onChange={setChoice} />}
    >
      {names.length === 0 && <Hint>None of these jobs has a metric with several points.</Hint>}
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
    () => jobs.map((job, index) => ({ job, index })).filter(({ job }) => Object.hasOwn(job.metrics, name)),
    [jobs, name],
  );
  const { lines, axis, note, error } = useOverlay(measured, name, choice.axis, inViewport);
  const looks = { lines, axis, look: choice, formatY: formatNumber };
  return (
    <figure ref={ref} className={classes.card} aria-label={`Chart of ${name}`}>
      <figcaption className={classes.caption}>
        <span className={classes.name}>{name}</span>
        <span className={classes.end}>
          <span className={classes.at}>{pointed && `${axis} ${formatX(axis, pointed.x)}`}</span>
          {lines.length > 0 && <ChartExport title={name} {...looks} />}
        </span>
      </figcaption>
      <div style={{ height: HEIGHT }}>
        {lines.length > 0 && <Plot {...looks} height={HEIGHT} sync={`compare ${axis}`} onPoint={point} />}
      </div>
      {choice.isLog && isBelowLog(lines) && (
        <p className={classes.note}>No value is above zero: a log scale shows none.</p>
      )}
      {note && <p className={classes.note}>{note}</p>}
      {error && <p className={classes.note}>Not read: {error.message}</p>}
      <Readings jobs={measured} pointed={pointed} />
    </figure>
  );
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
