import { formatCount } from '@/lib/values';

import type { PlotLine } from '../plotColumns';
import classes from './CurveChart.module.css';
import { LineSwatch } from './LineSwatch';

/** Where the pointer is on the horizontal axis, and the value of each line there. */
export interface Pointed {
  x: number;
  values: (number | null)[];
}

/** So many lines are listed, below a chart and over it. */
const [BELOW, OVER] = [8, 5];

interface CurveReadingsProps {
  lines: PlotLine[];
  /** The names of the jobs by their ids; a line without one is called as it is. */
  names: Map<string, string>;
  pointed: Pointed | undefined;
  format: (value: number) => string;
  /** Whether they lie over the chart. */
  isOver?: boolean;
  /** The line that somebody looks at: over the chart it is told alone. */
  meant?: string | undefined;
}

/** The values under the pointer, largest first; without a pointer, which line is whose. */
export function CurveReadings(props: CurveReadingsProps) {
  const { lines, names, pointed, format, isOver = false, meant } = props;
  const known = lines.map((line, place) => ({ line, value: pointed?.values[place] ?? null }));
  const read = known
    .filter(({ value }) => value !== null)
    .sort((left, right) => (right.value ?? 0) - (left.value ?? 0));
  const own = isOver ? read.filter(({ line }) => line.name === meant) : [];
  const all = own.length > 0 ? own : read.length > 0 || isOver ? read : known;
  const shown = all.slice(0, isOver ? OVER : BELOW);
  const more = all.length - shown.length;
  if (isOver && all.length === 0) return null;
  return (
    <ul
      className={isOver ? classes.over : classes.legend}
      data-left={(isOver && isRight(lines, pointed)) || undefined}
    >
      {shown.map(({ line, value }) => (
        <li key={line.name}>
          <LineSwatch look={line} />
          <span className={classes.id}>{names.get(line.name) ?? line.name}</span>
          {value !== null && <strong>{format(Number(value.toPrecision(5)))}</strong>}
        </li>
      ))}
      {more > 0 && <li className={classes.note}>and {formatCount(more)} more</li>}
    </ul>
  );
}

/** Whether the pointer is in the right half of the chart. */
function isRight(lines: PlotLine[], pointed: Pointed | undefined): boolean {
  const ends = lines.flatMap(({ data: { x } }) => [x[0], x.at(-1)]).filter((end) => end !== undefined);
  return pointed !== undefined && pointed.x > (Math.min(...ends) + Math.max(...ends)) / 2;
}
