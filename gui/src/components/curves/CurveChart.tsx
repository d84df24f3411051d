import { useCallback, useMemo, useState } from 'react';

import { formatOf } from '@/lib/metricWords';
import { isBelowLog } from '@/lib/oddValues';
import { useNear } from '@/lib/useNear';

import type { ChartChoice } from '../chartChoice';
import { ChartExport } from '../ChartExport';
import type { LineFocus } from '../lineFocus';
import { Plot, type Zoom } from '../Plot';
import { formatX } from '../plotAxes';
import classes from './CurveChart.module.css';
import type { Curve } from './curveLines';
import { CurveReadings, type Pointed } from './CurveReadings';
import { useCurves } from './useCurves';

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
  const { ref, isNear } = useNear<HTMLElement>();
  const [zoom, setZoom] = useState<Zoom>();
  const [pointed, setPointed] = useState<Pointed>();
  const point = useCallback((x: number | null, values: (number | null)[]) => {
    setPointed(x === null ? undefined : { x, values });
  }, []);
  const { lines, jobs, axis, note, error } = useCurves({
    curves,
    name,
    choice,
    isMean,
    isSeen: isNear,
    zoom,
  });
  const format = useMemo(() => formatOf(name), [name]);
  const looks = { lines, axis, look: choice, formatY: format };
  const names = useMemo(() => new Map(curves.map(({ id, label }) => [id, label])), [curves]);
  return (
    <figure
      ref={ref}
      className={classes.card}
      aria-label={props.label ?? `Chart of ${name}`}
      onPointerEnter={() => focus?.lookAt({ name, lines: jobs })}
    >
      <figcaption className={classes.caption}>
        <span className={classes.name} title={name}>
          {title}
        </span>
        <span className={classes.end}>
          <span className={classes.at}>{pointed && `${axis} ${formatX(axis, pointed.x)}`}</span>
          {lines.length > 0 && <ChartExport title={name} zoom={zoom} {...looks} />}
        </span>
      </figcaption>
      <div className={classes.plot} style={{ height: HEIGHT }}>
        {isNear && lines.length > 0 && (
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
          <CurveReadings lines={lines} names={names} pointed={pointed} format={format} isOver />
        )}
      </div>
      {choice.isLog && isBelowLog(lines) && (
        <p className={classes.note}>No value is above zero: a log scale shows none.</p>
      )}
      {note && <p className={classes.note}>{note}</p>}
      {error && <p className={classes.note}>Not read: {error.message}</p>}
      {hasLegend && <CurveReadings lines={lines} names={names} pointed={pointed} format={format} />}
    </figure>
  );
}
