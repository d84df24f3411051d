import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';

import { ChartControls, PLAIN } from '@/components/ChartControls';
import { ChartExport } from '@/components/ChartExport';
import { Plot, type PlotLine } from '@/components/Plot';
import { formatX } from '@/components/plotAxes';
import { Select } from '@/components/Select';
import { manySeriesQuery, MOST_SERIES } from '@/lib/getManySeries';
import { lookOf } from '@/lib/lineLooks';
import { formatCount, formatDistinct, formatNumber, numberOf } from '@/lib/values';
import type { ManySeries } from '@/types/api';

import { splitStatistic } from '../knownColumns';
import type { SearchChange, TableSearch } from '../tableSearch';
import { curveOf, type JobGroup } from './grouping';
import classes from './Groups.module.css';

const HEIGHT = 220;
/** Groups that have a curve: as many as there are colours. */
const DRAWN = 8;

interface GroupChartProps {
  groups: JobGroup[];
  columns: string[];
  search: TableSearch;
  onChange: (change: SearchChange) => void;
}

/** The curves of one metric: for each group the mean of its jobs, in the band from the least to the most. */
export function GroupChart({ groups, columns, search, onChange }: GroupChartProps) {
  const [choice, setChoice] = useState(PLAIN);
  const names = useMemo(() => [...new Set(columns.map(metricName))], [columns]);
  const metric = search.curve && names.includes(search.curve) ? search.curve : (names[0] ?? '');
  const drawn = useMemo(() => drawnGroups(groups), [groups]);
  const { data } = useQuery(
    manySeriesQuery(
      drawn.flatMap(({ ids }) => ids),
      metric,
      'step',
    ),
  );
  const lines = useMemo(() => (data ? linesOf(drawn, data) : []), [drawn, data]);
  const [pointed, setPointed] = useState<{ x: number; values: (number | null)[] }>();
  const point = useCallback((x: number | null, values: (number | null)[]) => {
    setPointed(x === null ? undefined : { x, values });
  }, []);
  return (
    <figure className={classes.chart} aria-label={`Curves of ${metric} by group`}>
      <figcaption className={classes.head}>
        <Select
          label="Metric of the curves"
          isLabelHidden
          value={metric}
          options={names}
          onChange={(curve) => {
            onChange({ curve });
          }}
        />
        <span className={classes.none}>{pointed && `step ${formatX('step', pointed.x)}`}</span>
        <ChartControls choice={choice} onChange={setChoice} hasAxes={false} />
        <ChartExport title={metric} lines={lines} axis="step" look={choice} formatY={formatNumber} />
      </figcaption>
      {data ? (
        <Plot
          lines={lines}
          axis="step"
          look={choice}
          height={HEIGHT}
          sync="groups"
          formatY={formatNumber}
          onPoint={point}
        />
      ) : (
        <Skeleton height={HEIGHT} />
      )}
      {data && lines.length === 0 && <p className={classes.none}>Nobody logged {metric} with steps.</p>}
      <Legend lines={lines} values={pointed?.values} left={groups.length - drawn.length} />
    </figure>
  );
}

function metricName(column: string): string {
  return splitStatistic(column).id.slice('output_metrics:'.length);
}

interface DrawnGroup {
  name: string;
  /** The newest of its jobs. */
  ids: string[];
}

/** Return the largest groups, each with as many of its jobs as one request may have. */
function drawnGroups(groups: JobGroup[]): DrawnGroup[] {
  const largest = [...groups].sort((one, other) => other.jobs.length - one.jobs.length).slice(0, DRAWN);
  const each = Math.floor(MOST_SERIES / Math.max(1, largest.length));
  return groups
    .filter((group) => largest.includes(group))
    .map(({ value, jobs }) => ({
      name: value === undefined ? 'not available' : formatDistinct(value),
      ids: jobs.slice(0, each).map(({ job_id }) => job_id),
    }));
}

function linesOf(groups: DrawnGroup[], { series }: ManySeries): PlotLine[] {
  const byJob = new Map(series.map((each) => [each.job_id, each]));
  return groups.flatMap(({ name, ids }, index) => {
    const own = ids.map((id) => byJob.get(id)).filter((each) => each !== undefined);
    const curve = curveOf(own.map(pointsOf).filter(({ x }) => x.length > 0));
    if (curve.x.length === 0) return [];
    return [{ name, data: { x: curve.x, y: curve.y }, band: curve.band, ...lookOf(index) }];
  });
}

function pointsOf({ x, values }: ManySeries['series'][number]): { x: number[]; y: (number | null)[] } {
  const points = x.flatMap((each, place) => {
    const value = numberOf(values[place]);
    return each === null
      ? []
      : [{ x: each, y: value !== undefined && Number.isFinite(value) ? value : null }];
  });
  points.sort((one, other) => one.x - other.x);
  return { x: points.map((point) => point.x), y: points.map((point) => point.y) };
}

interface LegendProps {
  lines: PlotLine[];
  values: (number | null)[] | undefined;
  /** Groups that have no curve for want of colours. */
  left: number;
}

function Legend({ lines, values, left }: LegendProps) {
  return (
    <ul className={classes.legend}>
      {lines.map(({ name, colour }, index) => {
        const value = values?.[index] ?? null;
        return (
          <li key={name}>
            <i style={{ background: `var(${colour})` }} aria-hidden />
            {name} {value !== null && <strong>{formatNumber(Number(value.toPrecision(5)))}</strong>}
          </li>
        );
      })}
      {left > 0 && (
        <li className={classes.none}>
          {left === 1 ? '1 more group is' : `${formatCount(left)} more groups are`} in the table alone
        </li>
      )}
    </ul>
  );
}
