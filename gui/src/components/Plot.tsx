import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';

import 'uplot/dist/uPlot.min.css';

import { usePrinting } from '@/lib/printing';

import type { LineFocus } from './lineFocus';
import type { PlotAxis } from './plotAxes';
import type { PlotLine, PlotStyle } from './plotColumns';
import { columnOf, optionsOf, tableOf, type Zoom } from './plotOptions';

export type { PlotLine, PlotStyle } from './plotColumns';
export type { Zoom } from './plotOptions';

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
  /** The line that somebody looks at, here or elsewhere: the others step back. */
  focus?: LineFocus | undefined;
}

/** Lines in a chart. Drag to look closer; a double click shows all again. */
export function Plot(props: PlotProps) {
  const { lines, axis, look, height, sync, formatY, onPoint, onZoom, focus } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const latest = useRef(lines);
  const zoom = useRef<{ axis: PlotAxis; range: Zoom }>({ axis, range: undefined });
  const scheme = useComputedColorScheme('light');
  const isPrinting = usePrinting();
  const looks = lines.map(lookOf).join('\n');

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
    const begin = (width: number): UPlot => {
      const options = optionsOf(element, latest.current, {
        axis,
        look,
        width,
        height,
        sync,
        formatY,
        onPoint,
        onZoom: changeZoom,
        onLine:
          focus &&
          ((name) => {
            focus.look(name);
          }),
      });
      const chart = new UPlot(options, tableOf(latest.current, look), element);
      plot.current = chart;
      if (zoom.current.range) redraw(chart, latest.current, look, zoom.current.range);
      return chart;
    };
    const showFocus = (): void => {
      plot.current?.setSeries(columnOf(latest.current, look, focus?.line), { focus: true }, false);
    };
    const unfollow = followFrame(element, height, begin, showFocus, () => {
      changeZoom(undefined);
    });
    const unhear = focus?.hear(showFocus);
    return () => {
      unfollow();
      unhear?.();
      plot.current?.destroy();
      plot.current = undefined;
    };
    // A chart keeps the colours that it was made with, hence the scheme, and that paper is light.
  }, [axis, scheme, isPrinting, onPoint, onZoom, focus, looks, look, height, sync, formatY]);

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

/**
 * Begin a chart once it is known how wide its frame is, and keep it so wide. Asking for the width would have the whole
 * page laid out for each of many charts; its observer hears it after the one layout of them all.
 */
function followFrame(
  element: HTMLElement,
  height: number,
  begin: (width: number) => UPlot,
  onBegun: () => void,
  onAll: () => void,
): () => void {
  let chart: UPlot | undefined;
  const observer = new ResizeObserver(([entry]) => {
    const width = Math.round(entry?.contentRect.width ?? 0);
    if (width === 0) return;
    if (chart) chart.setSize({ width, height });
    else {
      chart = begin(width);
      onBegun();
    }
  });
  observer.observe(element);
  element.addEventListener('dblclick', onAll);
  return () => {
    observer.disconnect();
    element.removeEventListener('dblclick', onAll);
  };
}
