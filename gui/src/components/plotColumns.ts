/** From lines to the columns that uPlot draws. */

import { envelopeOf, positive, smooth, type ChartData } from '@/lib/chartData';

/** A line of a chart. */
export interface PlotLine {
  name: string;
  data: ChartData;
  /** A colour, or the name of one such as --accent. */
  colour: string;
  dash?: number[] | undefined;
  /** What lies around the line, at the same places: the values that it is the mean of, for example. */
  band?: Band | undefined;
}

export interface Band {
  low: (number | null)[];
  high: (number | null)[];
}

/** How a chart looks; charts of one page share it. */
export interface PlotStyle {
  /** Whether the vertical axis is logarithmic. */
  isLog: boolean;
  /** Whether the horizontal one is. */
  isLogX?: boolean | undefined;
  /** From 0, as it was logged, to just below 1. */
  smoothing: number;
  /** Whether a smoothed line lies in the band of what was logged around it, rather than before the logged line. */
  hasEnvelope?: boolean | undefined;
}

/** `main` is what one reads; `logged` stands behind what is smoothed; `low` and `high` bound a band. */
export type Role = 'main' | 'logged' | 'low' | 'high';

export interface PlotColumn {
  role: Role;
  values: (number | null)[];
}

/** The columns of one line, each as long as `x`. */
export interface LineColumns {
  x: number[];
  columns: PlotColumn[];
}

/** Return what is drawn of a line; the roles depend on the line's band and the style alone, not on its points. */
export function columnsOf({ data, band }: PlotLine, style: PlotStyle): LineColumns {
  const shown = (values: (number | null)[]): (number | null)[] => (style.isLog ? positive(values) : values);
  const around = band ?? (style.smoothing > 0 && style.hasEnvelope ? envelopeOf(data.y) : undefined);
  const column = (role: Role, values: (number | null)[]): PlotColumn => ({ role, values: shown(values) });
  const columns = [
    ...(around ? [column('low', around.low), column('high', around.high)] : []),
    ...(style.smoothing > 0 && !around ? [column('logged', data.y)] : []),
    column('main', style.smoothing > 0 ? smooth(data.y, style.smoothing) : data.y),
  ];
  return style.isLogX ? afterZero({ x: data.x, columns }) : { x: data.x, columns };
}

/** Return the roles of a line's columns, in their order. */
export function rolesOf(line: PlotLine, style: PlotStyle): Role[] {
  return columnsOf({ ...line, data: { x: [], y: [] } }, style).columns.map(({ role }) => role);
}

/** A logarithmic axis begins after zero. */
function afterZero({ x, columns }: LineColumns): LineColumns {
  const first = x.findIndex((each) => each > 0);
  if (first < 0) return { x: [], columns: columns.map(({ role }) => ({ role, values: [] })) };
  return {
    x: x.slice(first),
    columns: columns.map(({ role, values }) => ({ role, values: values.slice(first) })),
  };
}
