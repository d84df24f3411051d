/** What uPlot is told of a chart. */

import UPlot from 'uplot';

import { axesOf, tinyRange, type PlotAxis } from './plotAxes';
import { columnsOf, rolesOf, type PlotLine, type PlotStyle, type Role } from './plotColumns';

/** uPlot’s number for it: its enumeration exists in its types alone. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const LOGARITHMIC = 3 as UPlot.Scale.Distr;

/** The places at both edges of what is shown; undefined when that is everything. */
export type Zoom = readonly [number, number] | undefined;

export interface PlotLooks {
  axis: PlotAxis;
  look: PlotStyle;
  width: number;
  height: number;
  sync: string;
  formatY: (value: number) => string;
  onPoint?: ((x: number | null, values: (number | null)[]) => void) | undefined;
  onZoom: (zoom: Zoom) => void;
  /** Tells which line is next to the pointer. */
  onLine?: ((name: string | undefined) => void) | undefined;
}

/** Up to this many points in sight are drawn as dots too. */
const DOTS = 40;
/** Pixels from the pointer within which a line is meant, and how much is left of the others. */
const [NEAR, ASIDE] = [24, 0.2];

/** Return the columns that are drawn: x, and those of each line. */
export function tableOf(lines: PlotLine[], look: PlotStyle): UPlot.AlignedData {
  const tables = lines.map((line): UPlot.AlignedData => {
    const { x, columns } = columnsOf(line, look);
    return [x, ...columns.map(({ values }) => values)];
  });
  const [only] = tables;
  if (!only) return [[]];
  return tables.length === 1 ? only : UPlot.join(tables);
}

/** Return the options of a chart of `lines` in `element`, whose style has the colours. */
export function optionsOf(element: HTMLElement, lines: PlotLine[], looks: PlotLooks): UPlot.Options {
  const { axis, look, width, height, sync, formatY, onPoint, onZoom, onLine } = looks;
  const style = getComputedStyle(element);
  const roles = lines.map((line) => rolesOf(line, look));
  const mains = placesOf(roles.flat(), 'main');
  return {
    width,
    height,
    padding: [6, 8, 0, 0],
    legend: { show: false },
    scales: { x: { time: false, ...logarithmic(look.isLogX) }, y: look.isLog ? logarithmic(true) : LINEAR },
    axes: axesOf(style, axis, formatY, look.isLog),
    series: [{}, ...lines.flatMap((line, index) => seriesOf(line, roles[index] ?? [], style))],
    bands: bandsOf(lines, roles, style),
    ...(onLine && { focus: { alpha: ASIDE } }),
    cursor: {
      y: false,
      sync: { key: sync },
      points: { size: 7, one: onLine !== undefined },
      ...(onLine && { focus: { prox: NEAR } }),
    },
    hooks: {
      setSeries: [
        (_, column) => {
          onLine?.(column === null ? undefined : nameAt(lines, roles, column));
        },
      ],
      setCursor: [
        (chart) => {
          const index = chart.cursor.idx ?? null;
          onPoint?.(
            index === null ? null : (chart.data[0][index] ?? null),
            mains.map((column) => valueAt(chart, column, index)),
          );
        },
      ],
      setSelect: [
        (chart) => {
          const { left, width } = chart.select;
          if (width > 0) onZoom([chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x')]);
        },
      ],
    },
  };
}

/** Above and below the numbers, a tenth of their range is free. */
const LINEAR: UPlot.Scale = {
  range: (_, least, most) => tinyRange(least, most) ?? UPlot.rangeNum(least, most, 0.1, true),
};

function logarithmic(isLog: boolean | undefined): UPlot.Scale {
  return isLog ? { distr: LOGARITHMIC } : {};
}

function seriesOf(line: PlotLine, roles: Role[], style: CSSStyleDeclaration): UPlot.Series[] {
  const stroke = colourOf(line, style);
  const dash = line.dash && { dash: line.dash };
  const looks: Record<Role, UPlot.Series> = {
    main: { stroke, width: 1.5, ...dash, points: { show: isSparse, size: 4, fill: stroke } },
    logged: { stroke: pale(stroke), width: 1, ...dash, points: { show: false } },
    low: { stroke: 'transparent', width: 0, points: { show: false } },
    high: { stroke: 'transparent', width: 0, points: { show: false } },
  };
  return roles.map((role) => looks[role]);
}

function bandsOf(lines: PlotLine[], roles: Role[][], style: CSSStyleDeclaration): UPlot.Band[] {
  let first = 1;
  return lines.flatMap((line, index) => {
    const own = roles[index] ?? [];
    const low = own.indexOf('low');
    const high = own.indexOf('high');
    const band: UPlot.Band = { series: [first + high, first + low], fill: faint(colourOf(line, style)) };
    first += own.length;
    return low < 0 ? [] : [band];
  });
}

function colourOf({ colour }: PlotLine, style: CSSStyleDeclaration): string {
  return colour.startsWith('--') ? style.getPropertyValue(colour).trim() : colour;
}

/** Whether so few points of a line are in sight that each is a dot; one alone would be nothing otherwise. */
function isSparse(chart: UPlot, column: number, first: number, last: number): boolean {
  const values = chart.data[column] ?? [];
  let count = 0;
  for (let place = first; place <= last && count <= DOTS; place += 1) {
    if (values[place] !== undefined && values[place] !== null) count += 1;
  }
  return count <= DOTS;
}

function pale(colour: string): string {
  return colour.startsWith('#') ? `${colour.slice(0, 7)}40` : colour;
}

function faint(colour: string): string {
  return colour.startsWith('#') ? `${colour.slice(0, 7)}2e` : 'transparent';
}

/** Return the columns, counted from the first after x, that have this role. */
function placesOf(roles: Role[], role: Role): number[] {
  return roles.flatMap((each, index) => (each === role ? [index + 1] : []));
}

/** Return the name of the line to which a column belongs. */
function nameAt(lines: PlotLine[], roles: Role[][], column: number): string | undefined {
  let last = 0;
  return lines.find((_, index) => {
    last += roles[index]?.length ?? 0;
    return column <= last;
  })?.name;
}

/** Return the column of what one reads of a line; null where the chart has no such line. */
export function columnOf(lines: PlotLine[], look: PlotStyle, name: string | undefined): number | null {
  let next = 1;
  for (const line of lines) {
    const roles = rolesOf(line, look);
    if (line.name === name) return next + roles.indexOf('main');
    next += roles.length;
  }
  return null;
}

/** Return a line's value at a place, or between two of its points the one before; none outside of them. */
function valueAt(chart: UPlot, column: number, index: number | null): number | null {
  if (index === null) return null;
  const values = chart.data[column] ?? [];
  let [before, after] = [index, index];
  while (before >= 0 && values[before] === undefined) before -= 1;
  while (after < values.length && values[after] === undefined) after += 1;
  return before < 0 || after === values.length ? null : (values[before] ?? null);
}
