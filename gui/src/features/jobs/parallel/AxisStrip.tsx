import { Menu } from '@mantine/core';

import { Name } from '@/components/Name';
import { formatCount, formatNumber } from '@/lib/values';

import { useDragOnto } from '../useDragOnto';
import { axisName } from './axes';
import { isSpan, type Brush } from './brush';
import { numberAt, placeOf, wordPlace, type Axis } from './lines';
import classes from './Parallel.module.css';
import { shownWord } from './words';

export interface AxisActions {
  /** While somebody brushes, and once more with `isDone` at the end. */
  onBrush: (id: string, span: Brush[string] | undefined, isDone: boolean) => void;
  onMove: (id: string, target: string) => void;
  onLog: (id: string, isLog: boolean) => void;
  onColour: (id: string) => void;
  onRemove: (id: string) => void;
}

interface AxisStripProps {
  axis: Axis;
  axes: Axis[];
  x: number;
  top: number;
  bottom: number;
  span: Brush[string] | undefined;
  isColour: boolean;
  actions: AxisActions;
}

/** Numbers beside an axis. */
const MARKS = 5;
/** Pixels that a pointer must move to brush, rather than to click. */
const SLACK = 3;

/** An axis: its name, which is dragged to another place and has a menu, its marks, and where one brushes. */
export function AxisStrip(props: AxisStripProps) {
  const { axis, x, top, bottom, span, actions } = props;
  const placeAt = (clientY: number, strip: HTMLElement): number => {
    const { bottom: end, height } = strip.getBoundingClientRect();
    return Math.min(1, Math.max(0, (end - clientY) / height));
  };
  const follow = (event: React.PointerEvent<HTMLElement>): void => {
    const strip = event.currentTarget;
    const [from, y] = [placeAt(event.clientY, strip), event.clientY];
    strip.setPointerCapture(event.pointerId);
    strip.onpointermove = (move) => {
      if (Math.abs(move.clientY - y) > SLACK) {
        actions.onBrush(axis.id, spanOf(axis, from, placeAt(move.clientY, strip)), false);
      }
    };
    strip.onpointerup = (end) => {
      strip.onpointermove = strip.onpointerup = null;
      const isBrush = Math.abs(end.clientY - y) > SLACK;
      actions.onBrush(axis.id, isBrush ? spanOf(axis, from, placeAt(end.clientY, strip)) : undefined, true);
    };
  };
  return (
    <div className={classes.axis} style={{ left: x }}>
      <AxisName {...props} />
      <div className={classes.line} style={{ top, height: bottom - top }} aria-hidden onPointerDown={follow}>
        <Marks axis={axis} />
        {span && <Brushed axis={axis} span={span} />}
      </div>
      {axis.undrawn > 0 && (
        <span className={classes.undrawn} style={{ top: bottom + 6 }} title={undrawnWords(axis)}>
          {formatCount(axis.undrawn)} not drawn
        </span>
      )}
    </div>
  );
}

/** Return why some values of an axis are not on it. */
export function undrawnWords({ undrawn, words, isLog }: Axis): string {
  const jobs = undrawn === 1 ? '1 job has a value' : `${formatCount(undrawn)} jobs have values`;
  if (words) return `${jobs} beside the ${formatCount(words.length)} most frequent ones`;
  return `${jobs} that ${isLog ? 'a logarithmic axis' : 'an axis of numbers'} cannot show: texts, NaN, ∞${isLog ? ', 0 or less' : ''}`;
}

/** Return what a brush between two places of an axis holds. */
export function spanOf(axis: Axis, one: number, other: number): Brush[string] | undefined {
  const [low, high] = [Math.min(one, other), Math.max(one, other)];
  if (!axis.words) return [numberAt(axis, low), numberAt(axis, high)];
  const { words } = axis;
  const held = words.filter((_, index) => {
    const place = wordPlace(index, words.length);
    return place >= low && place <= high;
  });
  return held.length > 0 ? held : undefined;
}

function AxisName({ axis, axes, isColour, actions }: AxisStripProps) {
  const { id, isLog, words, low } = axis;
  const drag = useDragOnto('axis', id, actions.onMove);
  const place = axes.findIndex((each) => each.id === id);
  const [before, after] = [axes[place - 1], axes[place + 1]];
  const name = axisName(id);
  return (
    <Menu shadow="md" position="bottom" width={180}>
      <Menu.Target>
        <button
          type="button"
          className={classes.name}
          title={`${name}: drag it to another place`}
          data-colour={isColour || undefined}
          {...drag}
        >
          <Name>{name}</Name>
          {isLog && <small> log</small>}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {!words && (
          <Item
            words={isLog ? 'Linear scale' : 'Log scale'}
            isOff={!isLog && low <= 0}
            onClick={() => {
              actions.onLog(id, !isLog);
            }}
          />
        )}
        <Item
          words="Colour the lines by it"
          onClick={() => {
            actions.onColour(id);
          }}
        />
        <Item
          words="Move left"
          isOff={!before}
          onClick={() => {
            if (before) actions.onMove(id, before.id);
          }}
        />
        <Item
          words="Move right"
          isOff={!after}
          onClick={() => {
            if (after) actions.onMove(id, after.id);
          }}
        />
        <Item
          words="Remove"
          onClick={() => {
            actions.onRemove(id);
          }}
        />
      </Menu.Dropdown>
    </Menu>
  );
}

function Item({ words, isOff = false, onClick }: { words: string; isOff?: boolean; onClick: () => void }) {
  return (
    <Menu.Item disabled={isOff} onClick={onClick}>
      {words}
    </Menu.Item>
  );
}

/** An axis of one number has one mark. */
function markPlaces({ low, high }: Axis): number[] {
  if (low === high) return [0.5];
  return Array.from({ length: MARKS }, (_, index) => index / (MARKS - 1));
}

function Marks({ axis }: { axis: Axis }) {
  const { words } = axis;
  const marks = words
    ? words.map((word, index) => ({ place: wordPlace(index, words.length), text: shownWord(word) }))
    : markPlaces(axis).map((place) => ({
        place,
        text: formatNumber(Number(numberAt(axis, place).toPrecision(3))),
      }));
  return marks.map(({ place, text }) => (
    <span key={place} className={classes.mark} style={{ bottom: `${place * 100}%` }}>
      {text}
    </span>
  ));
}

function Brushed({ axis, span }: { axis: Axis; span: Brush[string] }) {
  const words = axis.words ?? [];
  const half = 0.5 / Math.max(1, words.length);
  const pieces = isSpan(span)
    ? [[placeOf(axis, span[0]), placeOf(axis, span[1])] as const]
    : span.map((word) => {
        const place = wordPlace(words.indexOf(word), words.length);
        return [place - half, place + half] as const;
      });
  return pieces.map(([low, high]) => (
    <span
      key={low}
      className={classes.brushed}
      style={{ bottom: `${low * 100}%`, height: `${Math.max(0.5, (high - low) * 100)}%` }}
    />
  ));
}
