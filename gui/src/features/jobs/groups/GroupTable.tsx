import { Name } from '@/components/Name';
import type { Spread } from '@/lib/spread';
import { keyOf } from '@/lib/valueGroups';
import { formatCount, formatDistinct, formatNumber } from '@/lib/values';

import { axisName } from '../parallel/axes';
import { spreadOf, type JobGroup } from './grouping';
import classes from './Groups.module.css';

interface GroupTableProps {
  /** The parameter that makes the groups. */
  name: string;
  groups: JobGroup[];
  columns: string[];
  onOpen: (group: JobGroup) => void;
}

/** A row for each group: of each metric the mean with its deviation, in the band from the least to the most. */
export function GroupTable({ name, groups, columns, onOpen }: GroupTableProps) {
  const spreads = columns.map((column) => groups.map(({ jobs }) => spreadOf(jobs, column)));
  return (
    <div className={classes.frame}>
      <table className={classes.table}>
        <caption className={classes.caption}>
          Mean ± standard deviation; the band spans from the least to the most.
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <Name>{name}</Name>
            </th>
            <th scope="col" data-align="end">
              Jobs
            </th>
            {columns.map((column) => (
              <th key={column} scope="col" title={axisName(column)} data-class="metric-header">
                <Name>{axisName(column)}</Name>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group, row) => (
            <tr key={keyOf(group.value)} data-class="job-group-row">
              <th scope="row">
                <button
                  type="button"
                  className={classes.open}
                  title="Show these jobs"
                  onClick={() => {
                    onOpen(group);
                  }}
                >
                  {group.value === undefined ? 'not available' : formatDistinct(group.value)}
                </button>
              </th>
              <td data-align="end">{formatCount(group.jobs.length)}</td>
              {spreads.map((column, place) => (
                <td key={columns[place]}>
                  <SpreadCell spread={column[row]} all={column} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SpreadCell({ spread, all }: { spread: Spread | undefined; all: (Spread | undefined)[] }) {
  if (!spread) return <span className={classes.none}>–</span>;
  const known = all.filter((each) => each !== undefined);
  const low = Math.min(...known.map(({ min }) => min));
  const high = Math.max(...known.map(({ max }) => max));
  const place = (value: number): number => (high === low ? 50 : ((value - low) / (high - low)) * 100);
  const words = `${formatNumber(spread.min)} to ${formatNumber(spread.max)}, of ${spread.count}`;
  return (
    <span className={classes.spread} title={words}>
      <span>
        {formatNumber(short(spread.mean))}{' '}
        {spread.count > 1 && <small>± {formatNumber(short(spread.deviation))}</small>}
      </span>
      <span className={classes.scale} aria-hidden>
        <i style={{ left: `${place(spread.min)}%`, right: `${100 - place(spread.max)}%` }} />
        <b style={{ left: `${place(spread.mean)}%` }} />
      </span>
    </span>
  );
}

/** A mean is no more exact than four digits. */
function short(value: number): number {
  return Number(value.toPrecision(4));
}
