import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';

import 'uplot/dist/uPlot.min.css';

import type { ChartData, ShownAxis } from '@/lib/chartData';
import { positive, smooth } from '@/lib/chartData';

import { axesOf } from './plotAxes';

/** Up to this many points are drawn as dots too. */
const DOTS = 40;

/** uPlot’s number for it: its enumeration exists in its types alone. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const LOGARITHMIC = 3 as UPlot.Scale.Distr;

/** A line of a chart. */
export interface PlotLine {
  name: string;
  data: ChartData;
  /** A colour, or the name of one such as --accent. */
  colour: string;
  dash?: number[] | undefined;
}

/** How a chart looks; charts of one page share it. */
export interface PlotStyle {
  isLog: boolean;
  /** From 0, as it was logged, to just below 1. */
  smoothing: number;
}

interface PlotProps {
  lines: PlotLine[];
  axis: ShownAxis;
  look: PlotStyle;
  height: number;
  /** Charts with the same name point at the same place. */
  sync: string;
  formatY: (value: number) => string;
  /** Tells where the pointer is on the horizontal axis, and the value of each line there. */
  onPoint?: ((x: number | null, values: (number | null)[]) => void) | undefined;
}

/** Lines in a chart. Drag to look closer; a double click shows all again. */
export function Plot(props: PlotProps) {
  const { lines, axis, look, height, sync, formatY, onPoint } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const latest = useRef(lines);
  const scheme = useComputedColorScheme('light');
  const looks = lines.map(({ name, colour, dash }) => `${name}\n${colour}\n${dash?.join() ?? ''}`).join('\n');
  const hasDots = lines.every(({ data }) => data.x.length <= DOTS);

  useEffect(() => {
    latest.current = lines;
    plot.current?.setData(tableOf(lines, look));
  }, [lines, look]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const chart = new UPlot(
      optionsOf(element, latest.current, { axis, look, height, sync, formatY, hasDots, onPoint }),
      tableOf(latest.current, look),
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => {
      chart.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
    // A chart keeps the colours that it was made with, hence the scheme.
  }, [axis, scheme, hasDots, onPoint, looks, look, height, sync, formatY]);

  return <div ref={frame} style={{ height }} />;
}

/** Return the columns that are drawn: x, and of each line the smoothed values, with the logged ones behind them. */
function tableOf(lines: PlotLine[], { isLog, smoothing }: PlotStyle): UPlot.AlignedData {
  const shown = (values: (number | null)[]) => (isLog ? positive(values) : values);
  const tables = lines.map(({ data: { x, y } }): UPlot.AlignedData => {
    return smoothing > 0 ? [x, shown(y), shown(smooth(y, smoothing))] : [x, shown(y)];
  });
  const [only] = tables;
  if (!only) return [[]];
  return tables.length === 1 ? only : UPlot.join(tables);
}

type Looks = Omit<PlotProps, 'lines'> & { hasDots: boolean };

function optionsOf(element: HTMLElement, lines: PlotLine[], looks: Looks): UPlot.Options {
  const { axis, look, height, sync, formatY, onPoint, hasDots } = looks;
  const style = getComputedStyle(element);
  const colour = (name: string): string => (name.startsWith('--') ? style.getPropertyValue(name) : name);
  const isSmoothed = look.smoothing > 0;
  const seriesOf = (line: PlotLine): UPlot.Series[] => {
    const stroke = colour(line.colour);
    const dash = line.dash && { dash: line.dash };
    const main = { stroke, width: 1.5, ...dash, points: { show: hasDots, size: 4, fill: stroke } };
    return isSmoothed ? [{ ...main, alpha: 0.25, width: 1 }, main] : [main];
  };
  return {
    width: element.clientWidth,
    height,
    padding: [6, 8, 0, 0],
    legend: { show: false },
    scales: { x: { time: false }, y: look.isLog ? { distr: LOGARITHMIC } : {} },
    axes: axesOf(style, axis, formatY),
    series: [{}, ...lines.flatMap(seriesOf)],
    cursor: { y: false, sync: { key: sync }, points: { size: 7 } },
    hooks: {
      setCursor: [
        (chart) => {
          const index = chart.cursor.idx ?? null;
          const step = isSmoothed ? 2 : 1;
          const values = lines.map((_, line) => valueAt(chart, line * step + step, index));
          onPoint?.(index === null ? null : (chart.data[0][index] ?? null), values);
        },
      ],
    },
  };
}

function valueAt(chart: UPlot, column: number, index: number | null): number | null {
  return index === null ? null : (chart.data[column]?.[index] ?? null);
}
