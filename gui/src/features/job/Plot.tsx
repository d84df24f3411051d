import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';

import 'uplot/dist/uPlot.min.css';

import { formatDuration } from '@/lib/duration';
import { formatNumber } from '@/lib/values';

import type { Axis, ChartData } from './chartData';

/** Pixels; the same as the height of its frame. */
const HEIGHT = 150;
/** Up to this many points are drawn as dots too. */
const DOTS = 40;
/** Charts of one page point at the same place. */
const SYNC = 'job';

interface PlotProps {
  data: ChartData;
  axis: Axis;
  /** Tells the index of the point under the pointer. */
  onPoint: (index: number | null) => void;
}

/** One line in a chart. */
export function Plot({ data, axis, onPoint }: PlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const latest = useRef(data);
  const scheme = useComputedColorScheme('light');
  const hasDots = data.x.length <= DOTS;

  useEffect(() => {
    latest.current = data;
    plot.current?.setData([data.x, data.y]);
  }, [data]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const { x, y } = latest.current;
    const chart = new UPlot(optionsOf(element, axis, hasDots, onPoint), [x, y], element);
    plot.current = chart;
    const observer = new ResizeObserver(() => {
      chart.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
    // A chart keeps the colours that it was made with, hence the scheme.
  }, [axis, scheme, hasDots, onPoint]);

  return <div ref={frame} style={{ height: HEIGHT }} />;
}

function optionsOf(
  element: HTMLElement,
  axis: Axis,
  hasDots: boolean,
  onPoint: (index: number | null) => void,
): UPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name);
  const lines = {
    font: `11px ${style.fontFamily}`,
    stroke: colour('--text-faint'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const formatX = axis === 'step' ? formatNumber : formatDuration;
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [6, 8, 0, 0],
    legend: { show: false },
    scales: { x: { time: false } },
    axes: [
      {
        ...lines,
        size: 22,
        gap: 4,
        space: 64,
        grid: { show: false },
        values: (_, splits) => splits.map((split) => formatX(split)),
        incrs: axis === 'step' ? WHOLE_STEPS : SPANS,
      },
      {
        ...lines,
        // uPlot asks once before it has values, whatever its types say.
        size: (_, values: string[] | null) =>
          Math.max(24, ...(values ?? []).map((value) => value.length * 6.6 + 8)),
        gap: 6,
        space: 32,
        values: (_, splits) => splits.map((split) => formatNumber(split)),
      },
    ],
    series: [
      {},
      {
        stroke: colour('--accent'),
        width: 1.5,
        points: { show: hasDots, size: 4, fill: colour('--accent') },
      },
    ],
    cursor: { y: false, sync: { key: SYNC }, points: { size: 7 } },
    hooks: {
      setCursor: [
        (chart) => {
          onPoint(chart.cursor.idx ?? null);
        },
      ],
    },
  };
}

/** Distances, in seconds, between the marks of an axis of time: those that people count in. */
const SPANS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
].concat([1, 2, 5, 10, 20, 50, 100].map((days) => days * 86400));

/** Distances between the marks of an axis of steps: there is no step 1.5. */
const WHOLE_STEPS = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();
