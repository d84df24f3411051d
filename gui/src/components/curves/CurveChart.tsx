import { useCallback, useEffect, useMemo, useState } from 'react';

import { formatOf } from '@/lib/metricWords';
import { isBelowLog } from '@/lib/oddValues';
import { useNear } from '@/lib/useNear';

import type { ChartChoice } from '../chartChoice';
import { ChartExport } from '../ChartExport';
import type { LineFocus } from '../lineFocus';
import { Plot, type PlotLine } from '../Plot';
import { formatX } from '../plotAxes';
import classes from './CurveChart.module.css';
import type { Curve } from './curveLines';
import { CurveReadings, type Pointed } from './CurveReadings';
import { useCurves, type Drawn } from './useCurves';

/** Pixels; the same as the height of the frame. */
const HEIGHT = 220;

interface CurveChartProps {
  /** The metric. */
  name: string;
  /** What stands above the chart, where it is not the name. */
  title?: React.ReactNode;
  curves: Curve[];
  choice: ChartChoice;
  /** Whether each group of jobs is one line, with a band. */
  isMean?: boolean;
  /** Charts with the same name point at the same place. */
  sync: string;
  /** Whether the lines are named below; else their names stand somewhere else, and here while one points. */
  hasLegend?: boolean;
  focus?: LineFocus;
  label?: string;
}

/** One metric of several jobs. The only way in which the page draws several jobs into one chart. */
export function CurveChart(props: CurveChartProps) {
  const { name, title = name, curves, choice, isMean = false, sync, hasLegend = false, focus } = props;
  const { ref, isNear: isSeen } = useNear<HTMLElement>();
  const [pointed, setPointed] = useState<Pointed>();
  const point = useCallback((x: number | null, values: (number | null)[]) => {
    setPointed(x === null ? undefined : { x, values });
  }, []);
  const drawn = useCurves({ curves, name, choice, isMean, isSeen });
  const { lines, jobs, axis, zoom, setZoom } = drawn;
  const lookHere = useLooking(focus, name, jobs);
  const format = useMemo(() => formatOf(name), [name]);
  const isEmpty = zoom === undefined && !hasNumbers(lines);
  const looks = { lines, axis, look: choice, formatY: format };
  const names = useMemo(() => new Map(curves.map(({ id, label }) => [id, label])), [curves]);
  return (
    <figure
      ref={ref}
      className={classes.card}
      aria-label={props.label ?? `Chart of ${name}`}
      onPointerEnter={lookHere}
      onFocus={lookHere}
    >
      <figcaption className={classes.caption}>
        <span className={classes.name} title={name}>
          {title}
        </span>
        <span className={classes.end}>
          <span className={classes.at}>{pointed && `${axis} ${formatX(axis, pointed.x)}`}</span>
          {!isEmpty && <ChartExport title={name} zoom={zoom} {...looks} />}
        </span>
      </figcaption>
      <div className={classes.plot} style={{ height: HEIGHT }}>
        {isSeen && !isEmpty && (
          <Plot
            {...looks}
            height={HEIGHT}
            sync={`${sync} ${axis}`}
            onPoint={point}
            onZoom={setZoom}
            focus={focus}
          />
        )}
        {!hasLegend && pointed && (
          <CurveReadings {...{ lines, names, pointed, format }} isOver meant={focus?.line} />
        )}
      </div>
      <Notes drawn={drawn} isLog={choice.isLog} areHidden={curves.every(({ isHidden }) => isHidden)} />
      {hasLegend && <CurveReadings {...{ lines, names, pointed, format }} />}
    </figure>
  );
}

/** What one should know of a chart besides its lines. */
function Notes({ drawn, isLog, areHidden }: { drawn: Drawn; isLog: boolean; areHidden: boolean }) {
  const { lines, note, isPending, error } = drawn;
  const notes = [
    isLog && isBelowLog(lines) && 'No value is above zero: a log scale shows none.',
    !isPending && !error && !hasNumbers(lines) && (areHidden ? 'Its jobs are hidden.' : 'No number here.'),
    note,
    error && `Not read: ${error.message}`,
  ];
  return notes.map(
    (each) =>
      each && (
        <p key={each} className={classes.note}>
          {each}
        </p>
      ),
  );
}

function hasNumbers(lines: PlotLine[]): boolean {
  return lines.some(({ data }) => data.y.some((value) => value !== null));
}

/** Return what tells that somebody looks at this chart. Who looked here last, or at nothing yet, reads the newest of it. */
function useLooking(focus: LineFocus | undefined, name: string, lines: PlotLine[]): () => void {
  const look = useCallback(() => focus?.lookAt({ name, lines }), [focus, name, lines]);
  useEffect(() => {
    if (hasNumbers(lines) && (focus?.chart?.name ?? name) === name) look();
  }, [focus, name, lines, look]);
  return look;
}
