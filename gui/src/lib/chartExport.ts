/** A chart as a file: its points as CSV, itself as SVG. */

import { logTicks, ticks } from './ticks';

export interface ExportedLine {
  name: string;
  x: number[];
  y: (number | null)[];
  /** A colour as CSS writes it. */
  colour: string;
  dash?: number[] | undefined;
  band?: { low: (number | null)[]; high: (number | null)[] } | undefined;
}

export interface ExportedChart {
  title: string;
  /** What stands on the horizontal axis. */
  axis: string;
  lines: ExportedLine[];
  isLog: boolean;
  isLogX?: boolean | undefined;
  /** Which part of the horizontal axis; all of it when undefined. */
  zoom?: readonly [number, number] | undefined;
  colours: { text: string; line: string; paper: string };
  /** Round places between two of the horizontal axis, about so many. */
  marksX: (least: number, most: number, count: number) => number[];
  formatX: (x: number) => string;
  formatY: (y: number) => string;
}

const [WIDTH, HEIGHT] = [900, 500];
const EDGE = { left: 70, right: 20, top: 44, bottom: 46 };
const MARKS = 6;
/** Pixels of the widest sign of a number, and between a mark's words and the axis. */
const [SIGN, GAP] = [8, 8];
/** Pixels of one line of the legend. */
const LEGEND_LINE = 18;
const LEGEND_COLUMNS = 3;

/** Return the points of a chart as CSV (RFC 4180): one row a point, the line's name first. */
export function toCsv({ axis, title, lines }: Pick<ExportedChart, 'axis' | 'title' | 'lines'>): string {
  const head = ['line', axis, title].map(csvField).join();
  const rows = lines.flatMap(({ name, x, y }) =>
    x.map((each, place) => [csvField(name), each, y[place] ?? ''].join()),
  );
  return [head, ...rows, ''].join('\r\n');
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Return a chart as a picture that any program shows: it needs no style sheet and no font of ours. */
export function toSvg(chart: ExportedChart): string {
  const { lines, colours, title, axis } = chart;
  const legend = Math.ceil(lines.length / LEGEND_COLUMNS) * LEGEND_LINE;
  const height = HEIGHT + legend;
  const y = scaleOf(ysOf(chart), chart.isLog, [HEIGHT - EDGE.bottom, EDGE.top], ticks);
  const left = Math.max(EDGE.left, ...y.marks.map((mark) => chart.formatY(mark).length * SIGN + 2 * GAP));
  const x = scaleOf(xsOf(chart), chart.isLogX ?? false, [left, WIDTH - EDGE.right], chart.marksX);
  const parts = [
    `<rect width="${WIDTH}" height="${height}" fill="${colours.paper}"/>`,
    text(left, 26, title, 'font-size="16" font-weight="600"'),
    ...y.marks.map(
      (mark) =>
        `<path d="M${left} ${at(y.place(mark))}H${WIDTH - EDGE.right}" stroke="${colours.line}"/>` +
        text(left - GAP, y.place(mark) + 4, chart.formatY(mark), 'text-anchor="end"'),
    ),
    ...x.marks.map((mark) => text(x.place(mark), HEIGHT - EDGE.bottom + 18, chart.formatX(mark), MIDDLE)),
    text((left + WIDTH - EDGE.right) / 2, HEIGHT - 8, axis, MIDDLE),
    `<clipPath id="inside"><rect x="${left}" y="${EDGE.top}" width="${WIDTH - left - EDGE.right}" height="${HEIGHT - EDGE.top - EDGE.bottom}"/></clipPath>`,
    `<g clip-path="url(#inside)" fill="none" stroke-width="1.5" stroke-linejoin="round">`,
    ...lines.map((line) => drawn(line, x, y)),
    '</g>',
    ...lines.map(legendOf),
  ];
  const font = `font-family="system-ui, sans-serif" font-size="12" fill="${colours.text}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"><g ${font}>${parts.join('')}</g></svg>`;
}

const MIDDLE = 'text-anchor="middle"';

interface Scale {
  place: (value: number) => number;
  /** Whether a value has a place: on a logarithmic scale zero has none. */
  has: (value: number) => boolean;
  marks: number[];
}

function scaleOf(
  values: number[],
  isLog: boolean,
  [from, to]: [number, number],
  marksOf: ExportedChart['marksX'],
): Scale {
  const has = (value: number): boolean => !isLog || value > 0;
  const turned = values.filter(has).map((value) => (isLog ? Math.log10(value) : value));
  let [low, high] = turned.length > 0 ? [least(turned), most(turned)] : [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const place = (value: number): number =>
    from + (((isLog ? Math.log10(value) : value) - low) / (high - low)) * (to - from);
  const marks = isLog ? logTicks(10 ** low, 10 ** high) : marksOf(low, high, MARKS);
  return { place, has, marks };
}

function xsOf({ lines, zoom }: ExportedChart): number[] {
  return zoom ? [...zoom] : lines.flatMap(({ x }) => (x.length > 0 ? [least(x), most(x)] : []));
}

function ysOf({ lines, zoom }: ExportedChart): number[] {
  return lines.flatMap(({ x, y, band }) =>
    [y, band?.low ?? [], band?.high ?? []].flatMap((values) =>
      values.filter((value, place): value is number => value !== null && isInside(x[place] ?? NaN, zoom)),
    ),
  );
}

function isInside(x: number, zoom: readonly [number, number] | undefined): boolean {
  return !zoom || (x >= zoom[0] && x <= zoom[1]);
}

function drawn(line: ExportedLine, x: Scale, y: Scale): string {
  const { colour, dash, band } = line;
  const dashed = dash ? ` stroke-dasharray="${dash.join(' ')}"` : '';
  const outline = band ? `${pathOf(line.x, band.high, x, y)}${pathBack(line.x, band.low, x, y)}` : '';
  return (
    (outline && `<path d="${outline}Z" fill="${colour}" fill-opacity="0.16" stroke="none"/>`) +
    `<path d="${pathOf(line.x, line.y, x, y)}" stroke="${colour}"${dashed}/>`
  );
}

function pathOf(xs: number[], ys: (number | null)[], x: Scale, y: Scale): string {
  let isDrawing = false;
  return xs
    .map((each, place) => {
      const value = ys[place] ?? null;
      if (value === null || !x.has(each) || !y.has(value)) {
        isDrawing = false;
        return '';
      }
      const command = isDrawing ? 'L' : 'M';
      isDrawing = true;
      return `${command}${at(x.place(each))} ${at(y.place(value))}`;
    })
    .join('');
}

/** The lower edge of a band, from right to left, as the end of the path of its upper edge. */
function pathBack(xs: number[], ys: (number | null)[], x: Scale, y: Scale): string {
  return pathOf([...xs].reverse(), [...ys].reverse(), x, y).replaceAll('M', 'L');
}

function legendOf({ name, colour, dash }: ExportedLine, index: number): string {
  const left = EDGE.left + (index % LEGEND_COLUMNS) * 270;
  const top = HEIGHT + Math.floor(index / LEGEND_COLUMNS) * LEGEND_LINE + 4;
  const dashed = dash ? ` stroke-dasharray="${dash.join(' ')}"` : '';
  return `<path d="M${left} ${top}h22" stroke="${colour}" stroke-width="2"${dashed}/>${text(left + 28, top + 4, name)}`;
}

function text(x: number, y: number, words: string, attributes = ''): string {
  const escaped = words.replace(
    /[&<>]/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? sign,
  );
  return `<text x="${at(x)}" y="${at(y)}" ${attributes}>${escaped}</text>`;
}

function at(place: number): string {
  return String(Math.round(place * 10) / 10);
}

function least(values: number[]): number {
  return values.reduce((one, other) => Math.min(one, other));
}

function most(values: number[]): number {
  return values.reduce((one, other) => Math.max(one, other));
}
