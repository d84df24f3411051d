import { Name } from '@/components/Name';
import { formatNumber } from '@/lib/values';

import { axisName } from './axes';
import { undrawnWords, type AxisActions } from './AxisStrip';
import { isSpan, type Brush } from './brush';
import type { Axis } from './lines';
import classes from './Parallel.module.css';
import { shownWord } from './words';

interface RangeTableProps {
  axes: Axis[];
  brush: Brush;
  onBrush: AxisActions['onBrush'];
}

/** The axes as a table, for the keyboard and for screen readers: what each spans, and what of it is chosen. */
export function RangeTable({ axes, brush, onBrush }: RangeTableProps) {
  return (
    <details className={classes.ranges}>
      <summary>The axes as a table</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Axis</th>
            <th scope="col">Spans</th>
            <th scope="col">Chosen</th>
          </tr>
        </thead>
        <tbody>
          {axes.map((axis) => (
            <tr key={axis.id}>
              <th scope="row">
                <Name>{axisName(axis.id)}</Name>
              </th>
              <td>
                {axis.words?.map(shownWord).join(', ') ??
                  `${formatNumber(axis.low)} to ${formatNumber(axis.high)}`}
                {axis.undrawn > 0 && <small className={classes.beside}>{undrawnWords(axis)}</small>}
              </td>
              <td>
                {axis.words ? (
                  <Words axis={axis} words={axis.words} span={brush[axis.id]} onBrush={onBrush} />
                ) : (
                  <Ends axis={axis} span={brush[axis.id]} onBrush={onBrush} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

interface AxisInputProps {
  axis: Axis;
  span: Brush[string] | undefined;
  onBrush: AxisActions['onBrush'];
}

function Ends({ axis, span, onBrush }: AxisInputProps) {
  const known: readonly [number, number] = span && isSpan(span) ? span : [axis.low, axis.high];
  const tell = (end: 0 | 1, text: string): void => {
    const value = text === '' ? [axis.low, axis.high][end] : Number(text);
    if (value === undefined || Number.isNaN(value)) return;
    const next: readonly [number, number] = end === 0 ? [value, known[1]] : [known[0], value];
    const isAll = next[0] <= axis.low && next[1] >= axis.high;
    onBrush(axis.id, isAll ? undefined : next, true);
  };
  return (['from', 'to'] as const).map((word, end) => (
    <label key={`${word} ${known[end]}`}>
      {word}{' '}
      <input
        type="number"
        step="any"
        aria-label={`${axisName(axis.id)} ${word}`}
        defaultValue={Number((known[end] ?? 0).toPrecision(6))}
        onBlur={(event) => {
          if (event.currentTarget.value !== event.currentTarget.defaultValue) {
            tell(end === 0 ? 0 : 1, event.currentTarget.value);
          }
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') tell(end === 0 ? 0 : 1, event.currentTarget.value);
        }}
      />
    </label>
  ));
}

function Words({ axis, words, span, onBrush }: AxisInputProps & { words: string[] }) {
  const chosen = span && !isSpan(span) ? span : words;
  return words.map((word) => (
    <label key={word}>
      <input
        type="checkbox"
        checked={chosen.includes(word)}
        onChange={() => {
          const next = chosen.includes(word) ? chosen.filter((each) => each !== word) : [...chosen, word];
          const isAll = next.length === 0 || words.every((each) => next.includes(each));
          onBrush(axis.id, isAll ? undefined : next, true);
        }}
      />{' '}
      {shownWord(word)}
    </label>
  ));
}
