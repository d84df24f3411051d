import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';

import 'uplot/dist/uPlot.min.css';

import { usePrinting } from '@/lib/printing';

import type { PlotAxis } from './plotAxes';
import type { PlotLine, PlotStyle } from './plotColumns';
import { optionsOf, tableOf, type Zoom } from './plotOptions';

export type { PlotLine, PlotStyle } from './plotColumns';
export type { Zoom } from './plotOptions';

/** Up to this many points are drawn as dots too. */
const DOTS = 40;

interface PlotProps {
  lines: PlotLine[];
  axis: PlotAxis;
  look: PlotStyle;
  height: number;
  /** Charts with the same name point at the same place, and look closer together. */
  sync: string;
  formatY: (value: number) => string;
  /** Tells where the pointer is on the horizontal axis, and the value of each line there. */
  onPoint?: ((x: number | null, values: (number | null)[]) => void) | undefined;
  /** Tells which part of the axis is looked at, so that more of its points can be read. */
  onZoom?: ((zoom: Zoom) => void) | undefined;
}

/** Lines in a chart. Drag to look closer; a double click shows all again. */
export function Plot(props: PlotProps) {
  const { lines, axis, look, height, sync, formatY, onPoint, onZoom } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const latest = useRef(lines);
  const zoom = useRef<{ axis: PlotAxis; range: Zoom }>({ axis, range: undefined });
  const scheme = useComputedColorScheme('light');
  const isPrinting = usePrinting();
  const looks = lines.map(lookOf).join('\n');
  const hasDots = lines.every(({ data }) => data.x.length <= DOTS);

  useEffect(() => {
    latest.current = lines;
    if (plot.current) redraw(plot.current, lines, look, zoom.current.range);
  }, [lines, look]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    if (zoom.current.axis !== axis) zoom.current = { axis, range: undefined };
    const changeZoom = (range: Zoom): void => {
      zoom.current.range = range;
      onZoom?.(range);
    };
    const chart = new UPlot(
      optionsOf(element, latest.current, {
        axis,
        look,
        height,
        sync,
        formatY,
        hasDots,
        onPoint,
        onZoom: changeZoom,
      }),
      tableOf(latest.current, look),
      element,
    );
    plot.current = chart;
    if (zoom.current.range) redraw(chart, latest.current, look, zoom.current.range);
    const unfollow = followFrame(element, chart, height, () => {
      changeZoom(undefined);
    });
    return () => {
      unfollow();
      chart.destroy();
      plot.current = undefined;
    };
    // A chart keeps the colours that it was made with, hence the scheme, and that paper is light.
  }, [axis, scheme, isPrinting, hasDots, onPoint, onZoom, looks, look, height, sync, formatY]);

  return <div ref={frame} style={{ height }} />;
}

function lookOf({ name, colour, dash, band }: PlotLine): string {
  return `${name}\n${colour}\n${dash?.join() ?? ''}\n${band ? 'band' : ''}`;
}

/** Draw new points, and go on looking at the same part of the axis. */
function redraw(chart: UPlot, lines: PlotLine[], look: PlotStyle, zoom: Zoom): void {
  chart.setData(tableOf(lines, look), !zoom);
  if (zoom) chart.setScale('x', { min: zoom[0], max: zoom[1] });
}

/** Keep the chart as wide as its frame, and hear the double click that shows all again. */
function followFrame(element: HTMLElement, chart: UPlot, height: number, onAll: () => void): () => void {
  const observer = new ResizeObserver(() => {
    chart.setSize({ width: element.clientWidth, height });
  });
  observer.observe(element);
  element.addEventListener('dblclick', onAll);
  return () => {
    observer.disconnect();
    element.removeEventListener('dblclick', onAll);
  };
}
