/** The axes of a chart: their marks, and what stands beside them. */

import type UPlot from 'uplot';

import type { ShownAxis } from '@/lib/chartData';
import { formatDuration } from '@/lib/duration';
import { multiples, roundStep, tickWord } from '@/lib/ticks';
import { formatClock } from '@/lib/time';
import { formatNumber } from '@/lib/values';

/** What stands on the horizontal axis of a chart: `metric` is the value of another metric. */
export type PlotAxis = ShownAxis | 'metric';

/** Distances, in seconds, between the marks of an axis of time: those that people count in. */
const SPANS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
].concat([1, 2, 5, 10, 20, 50, 100].map((days) => days * 86400));

/** Distances between the marks of an axis of steps: there is no step 1.5. */
const WHOLE_STEPS = Array.from({ length: 16 }, (_, power) =>
  [1, 2, 5].map((digit) => Number(`${digit}e${power}`)),
).flat();

/** Distances between the marks of a plain axis. uPlot knows the decimals of these, and passes over all others. */
const NUMBERS = Array.from({ length: 64 }, (_, place) =>
  [1, 2, 2.5, 5].map((digit) => Number(`${digit}e${place - 32}`)),
).flat();

/** Numbers below are too small for uPlot, which finds neither a range nor marks for them. */
const TINY = 1e-15;
/** A distance that uPlot takes for all, and that is not used. */
const ANY = 10;
/** Pixels between marks: of the vertical axis, of the horizontal one, and where its words are long. */
const [SPACE_Y, SPACE_X, SPACE_LONG] = [32, 64, 120];

/** Letters of a word that may be wider than the edge of a chart beside which it stands, and pixels of one. */
const [LONG, LETTER] = [8, 6.6];

/** Whether a range is one of numbers that are too small for uPlot. */
function isTiny(least: number, most: number): boolean {
  const size = Math.max(Math.abs(least), Math.abs(most));
  return size > 0 && size < TINY;
}

/** Return the range of a vertical axis around the numbers on it, or undefined where uPlot finds it well. */
export function tinyRange(least: number | null, most: number | null): [number, number] | undefined {
  if (least === null || most === null || !isTiny(least, most)) return undefined;
  const room = (most - least || Math.abs(most)) / 10;
  return [least - room, most + room];
}

/** Return the marks of a horizontal axis from `least` to `most`, about `count`. */
export function marksOf(axis: PlotAxis, least: number, most: number, count: number): number[] {
  const rough = (most - least) / count;
  if (!(rough > 0)) return [least];
  if (axis === 'metric') return multiples(least, most, roundStep(rough));
  const distances = axis === 'relative' || axis === 'time' ? SPANS : WHOLE_STEPS;
  return multiples(least, most, distances.find((each) => each >= rough) ?? roundStep(rough));
}

/** Return a place on the horizontal axis as people read it. */
export function formatX(axis: PlotAxis, x: number): string {
  if (axis === 'relative') return formatDuration(x);
  return axis === 'time' ? formatClock(x * 1000) : formatNumber(x);
}

/** Return both axes, in the colours and the font of `style`. */
export function axesOf(
  style: CSSStyleDeclaration,
  axis: PlotAxis,
  formatY: (value: number) => string,
  isLogY: boolean,
): UPlot.Axis[] {
  const lines = {
    font: `11px ${style.fontFamily}`,
    stroke: style.getPropertyValue('--text-faint'),
    grid: { stroke: style.getPropertyValue('--line'), width: 1 },
    ticks: { show: false },
  };
  return [
    {
      ...lines,
      size: 22,
      gap: 4,
      space: (_, __, least, most) => (isLong(axis, least, most) ? SPACE_LONG : SPACE_X),
      grid: { show: false },
      // On a logarithmic axis the marks between the powers have no words.
      values: (chart, splits, _, __, step) =>
        splits.map((split: number | null) => {
          const word = split === null ? '' : wordOf(axis, split, step);
          return word.length > LONG && isCut(chart, split ?? 0, word) ? '' : word;
        }),
      ...distancesOn(axis),
    },
    {
      ...lines,
      // uPlot asks once before it has values, whatever its types say.
      size: (_, values: string[] | null) =>
        Math.max(24, ...(values ?? []).map((value) => value.length * LETTER + 8)),
      gap: 6,
      space: SPACE_Y,
      // On a logarithmic axis the marks between the powers have no words.
      values: (_, splits) => splits.map((split: number | null) => (split === null ? '' : formatY(split))),
      ...(!isLogY && MARKS_Y),
    },
  ];
}

function distancesOn(axis: PlotAxis): Pick<UPlot.Axis, 'incrs'> {
  if (axis === 'metric') return {};
  return { incrs: axis === 'relative' || axis === 'time' ? SPANS : WHOLE_STEPS };
}

/** The marks of a vertical axis that is not logarithmic. */
const MARKS_Y: Pick<UPlot.Axis, 'incrs' | 'splits'> = {
  incrs: (_, __, least, most) => (isTiny(least, most) ? [ANY] : NUMBERS),
  splits: ({ bbox }, _, least, most, step) => {
    const count = Math.max(1, bbox.height / window.devicePixelRatio / SPACE_Y);
    return multiples(least, most, isTiny(least, most) ? roundStep((most - least) / count) : step);
  },
};

/** Whether the words of numbers are long because only their last digits differ. */
function isLong(axis: PlotAxis, least: number, most: number): boolean {
  return axis !== 'relative' && axis !== 'time' && Math.abs(most) >= 1e6 && most - least < most / 1e4;
}

function wordOf(axis: PlotAxis, x: number, step: number): string {
  if (axis === 'relative' || axis === 'time') return formatX(axis, x);
  return tickWord(x, step, formatNumber);
}

/** Whether a word would stand over the left edge of the chart: a number without its first digits is another number. */
function isCut(chart: UPlot, x: number, word: string): boolean {
  const edge = chart.bbox.left / window.devicePixelRatio;
  return chart.valToPos(x, 'x') + edge < (word.length * LETTER) / 2;
}
