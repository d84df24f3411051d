/** Where the dots of a chart stand, and the marks of its axes. */

import { formatDuration } from '@/lib/duration';
import { logTicks, ticks } from '@/lib/ticks';
import { formatNumber } from '@/lib/values';

import { marksOf } from './plotAxes';

/** How numbers become places: `log` by their powers of ten, `time` as seconds since a beginning. */
export type DotAxis = 'plain' | 'log' | 'time';

interface Place {
  x: number;
  y: number;
}

/** A mark of the horizontal axis: its word, and on which side of its place that stands so that it is not cut. */
export interface DotMark {
  x: number;
  word: string;
  whole: string;
  anchor: 'start' | 'middle' | 'end';
}

export interface DotScale {
  width: number;
  x: (value: number) => number;
  y: (value: number) => number;
  marksX: DotMark[];
  marksY: number[];
}

/** Room for the words of the axes, in pixels; at the edges; and between an edge and the outermost dot. */
export const LEFT = 56;
export const BOTTOM = 22;
export const EDGE = 8;
const INSET = 6;
/** Pixels of a letter, between two words, and from one mark of the vertical axis to the next. */
const [LETTER, GAP, SPACE_Y] = [6.2, 12, 34];
/** Pixels from one mark of the horizontal axis to the next. */
const SPACES = { plain: 64, log: 64, time: 76 };
/** Letters without which a word says nothing. */
const SHORTEST = 4;

/** Return the scale for `places` in a chart of this size. `words` stand at 0, 1, 2 … of the horizontal axis. */
export function dotScale(
  places: Place[],
  {
    width,
    height,
    axis,
    words,
  }: { width: number; height: number; axis: DotAxis; words?: string[] | undefined },
): DotScale {
  const [lowX, highX] = words ? [-0.5, words.length - 0.5] : rangeOf(places, ({ x }) => x, axis === 'log');
  const [lowY, highY] = rangeOf(places, ({ y }) => y, false);
  const place = axis === 'log' ? Math.log10 : (value: number): number => value;
  const room = width - LEFT - EDGE - 2 * INSET;
  const x = (value: number): number =>
    LEFT + INSET + ((place(value) - place(lowX)) / (place(highX) - place(lowX) || 1)) * room;
  return {
    width,
    x,
    y: (value) => EDGE + (1 - (value - lowY) / (highY - lowY || 1)) * (height - BOTTOM - 2 * EDGE),
    marksX: words
      ? wordMarks(words, x, room / words.length)
      : numberMarks(lowX, highX, axis, room).map((value) => markAt(x(value), wordOf(value, axis), width)),
    marksY: ticks(lowY, highY, (height - BOTTOM) / SPACE_Y),
  };
}

/** Return a word in so many letters. */
export function shortened(word: string, letters: number): string {
  const signs = Array.from(word);
  return signs.length <= letters ? word : `${signs.slice(0, Math.max(1, letters - 1)).join('')}…`;
}

/** The words at their places, as many letters of each as fit, and fewer of them where even that is too little. */
function wordMarks(words: string[], x: (value: number) => number, room: number): DotMark[] {
  const every = Math.max(1, Math.ceil((SHORTEST * LETTER + GAP) / room));
  const letters = Math.floor((room * every - GAP) / LETTER);
  return words.flatMap((whole, place): DotMark[] =>
    place % every === 0 ? [{ x: x(place), word: shortened(whole, letters), whole, anchor: 'middle' }] : [],
  );
}

function numberMarks(low: number, high: number, axis: DotAxis, room: number): number[] {
  const count = Math.max(2, room / SPACES[axis]);
  if (axis === 'log') return logTicks(low, high);
  return axis === 'time' ? marksOf('relative', low, high, count) : ticks(low, high, count);
}

function wordOf(value: number, axis: DotAxis): string {
  return axis === 'time' ? formatDuration(value) : formatNumber(value);
}

function markAt(x: number, word: string, width: number): DotMark {
  const half = (word.length * LETTER) / 2;
  const anchor = x + half > width - EDGE / 2 ? 'end' : x - half < LEFT - EDGE ? 'start' : 'middle';
  return { x, word, whole: word, anchor };
}

function rangeOf(places: Place[], valueOf: (place: Place) => number, isLog: boolean): [number, number] {
  const least = places.reduce((low, each) => Math.min(low, valueOf(each)), Infinity);
  const most = places.reduce((high, each) => Math.max(high, valueOf(each)), -Infinity);
  if (least < most) return [least, most];
  if (least > most) return [isLog ? 0.1 : 0, 1];
  return isLog ? [least / 2, most * 2] : [least - 0.5, most + 0.5];
}
