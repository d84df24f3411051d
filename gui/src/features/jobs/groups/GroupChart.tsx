import { useMemo, useState } from 'react';

import { PLAIN } from '@/components/chartChoice';
import { ChartControls } from '@/components/ChartControls';
import { CurveChart } from '@/components/curves/CurveChart';
import type { Curve } from '@/components/curves/curveLines';
import { Select } from '@/components/Select';
import { MOST_SERIES } from '@/lib/getManySeries';
import { lookOf } from '@/lib/lineLooks';
import { formatCount, formatDistinct } from '@/lib/values';

import { splitStatistic } from '../knownColumns';
import type { SearchChange, TableSearch } from '../tableSearch';
import type { JobGroup } from './grouping';
import classes from './Groups.module.css';

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
  const curves = useMemo(() => curvesOf(groups), [groups]);
  const left = groups.length - DRAWN;
  return (
    <div>
      <div className={classes.head}>
        <ChartControls choice={choice} onChange={setChoice} metrics={names} />
        {left > 0 && (
          <span className={classes.none}>
            {left === 1 ? '1 more group is' : `${formatCount(left)} more groups are`} in the table alone
          </span>
        )}
      </div>
      <CurveChart
        key={metric}
        name={metric}
        label={`Curves of ${metric} by group`}
        title={
          <Select
            label="Metric of the curves"
            isLabelHidden
            value={metric}
            options={names}
            onChange={(curve) => {
              onChange({ curve });
            }}
          />
        }
        curves={curves}
        choice={choice}
        isMean
        sync="groups"
        hasLegend
      />
    </div>
  );
}

function metricName(column: string): string {
  return splitStatistic(column).id.slice('output_metrics:'.length);
}

/** Return the jobs of the largest groups: of each the newest, as many as one request may have. */
function curvesOf(groups: JobGroup[]): Curve[] {
  const largest = [...groups].sort((one, other) => other.jobs.length - one.jobs.length).slice(0, DRAWN);
  const each = Math.floor(MOST_SERIES / Math.max(1, largest.length));
  return groups
    .filter((group) => largest.includes(group))
    .flatMap(({ value, jobs }, index) =>
      jobs.slice(0, each).map((job) => ({
        id: job.job_id,
        label: job.job_id,
        look: lookOf(index),
        start: job.start_time ?? job.creation_time,
        isLive: job.status === 'running',
        group: value === undefined ? 'not available' : formatDistinct(value),
      })),
    );
}
