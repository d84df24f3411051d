/** Which axes the parallel coordinates have, as an address says it. */

import { splitStatistic, type KnownColumn } from '../knownColumns';

export interface AxisChoice {
  /** The id of a column. */
  id: string;
  isLog: boolean;
}

export interface Axes {
  axes: AxisChoice[];
  /** The axis by whose values the lines are coloured. */
  colour: string | undefined;
}

/** Axes that are shown until somebody chooses. */
const [PARAMETERS, METRICS] = [5, 2];
const BY_ITSELF = '*';

/** Return the axes that an address holds; `*` are those that the project has the most of, coloured by its metric. */
export function parseAxes(text: string | undefined, known: KnownColumn[]): Axes {
  if (!text || text === BY_ITSELF) return ownAxes(known);
  const parts = text.split(',').map((part) => ({
    id: decodeURIComponent(part.replace(/^!|~log$/g, '')),
    isLog: part.endsWith('~log'),
    isColour: part.startsWith('!'),
  }));
  return {
    axes: parts.map(({ id, isLog }) => ({ id, isLog })),
    colour: parts.find(({ isColour }) => isColour)?.id,
  };
}

/** Return the axes as an address holds them. */
export function formatAxes({ axes, colour }: Axes): string {
  return axes
    .map(({ id, isLog }) => `${id === colour ? '!' : ''}${encodeURIComponent(id)}${isLog ? '~log' : ''}`)
    .join(',');
}

function ownAxes(known: KnownColumn[]): Axes {
  const of = (group: string, count: number) =>
    known.filter((column) => column.group === group).slice(0, count);
  const metrics = of('metrics', METRICS).filter(({ isNumber }) => isNumber);
  return {
    axes: [...of('parameters', PARAMETERS), ...metrics].map(({ id }) => ({ id, isLog: false })),
    colour: metrics[0]?.id,
  };
}

/** Put an axis where another one is. */
export function movedAxis(axes: AxisChoice[], id: string, target: string): AxisChoice[] {
  const from = axes.findIndex((axis) => axis.id === id);
  const to = axes.findIndex((axis) => axis.id === target);
  const moved = axes[from];
  return !moved || to < 0 ? axes : axes.toSpliced(from, 1).toSpliced(to, 0, moved);
}

/** Return what people call an axis. */
export function axisName(id: string): string {
  const { id: plain, statistic } = splitStatistic(id);
  const name = plain.replace(/^(parameters|output_metrics):/, '');
  return statistic === 'last' ? name : `${name} (${statistic})`;
}
