import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useMemo, useRef } from 'react';

import { AxisStrip, type AxisActions } from './AxisStrip';
import type { Brush } from './brush';
import { drawLines, shadesOf } from './drawing';
import { brushedLines, type Axis } from './lines';
import classes from './Parallel.module.css';

const HEIGHT = 260;
const [TOP, BOTTOM] = [38, 236];
/** Pixels beside the first and the last axis, for their words. */
const EDGE = 70;
/** Pixels between two axes at least: where they do not fit, the plot scrolls. */
const GAP = 84;

interface ParallelPlotProps {
  axes: Axis[];
  colour: string | undefined;
  count: number;
  brush: Brush;
  actions: AxisActions;
}

/** A line for each job across the axes. All lines are faint behind those that the brush holds. */
export function ParallelPlot({ axes, colour, count, brush, actions }: ParallelPlotProps) {
  const { ref, width } = useElementSize();
  const xs = useMemo(
    () =>
      axes.map((_, index) => EDGE + (index * Math.max(0, width - 2 * EDGE)) / Math.max(1, axes.length - 1)),
    [axes, width],
  );
  const all = useMemo(() => Uint32Array.from({ length: count }, (_, line) => line), [count]);
  const isBrushed = Object.keys(brush).length > 0;
  const held = useMemo(
    () => (isBrushed ? brushedLines(axes, brush, count) : all),
    [axes, brush, count, all, isBrushed],
  );
  const shade = axes.find(({ id }) => id === colour);
  const none = useMemo(() => new Uint32Array(), []);
  const back = useLines({ axes, xs, width, lines: isBrushed ? all : none, isFaint: true });
  const front = useLines({ axes, xs, width, lines: held, shade, isFaint: false });
  return (
    <div className={classes.scroll}>
      <div
        ref={ref}
        className={classes.plot}
        style={{ height: HEIGHT, minWidth: 2 * EDGE + (axes.length - 1) * GAP }}
        data-held={held.length}
      >
        <canvas ref={back} aria-hidden />
        <canvas ref={front} aria-hidden />
        {width > 0 &&
          axes.map((axis, index) => (
            <AxisStrip
              key={axis.id}
              axis={axis}
              axes={axes}
              x={xs[index] ?? 0}
              top={TOP}
              bottom={BOTTOM}
              span={brush[axis.id]}
              isColour={axis.id === colour}
              actions={actions}
            />
          ))}
      </div>
    </div>
  );
}

interface Lines {
  axes: Axis[];
  xs: number[];
  width: number;
  lines: Uint32Array;
  shade?: Axis | undefined;
  isFaint: boolean;
}

/** Draws lines into the canvas that takes the returned reference, again whenever they change. */
function useLines({ axes, xs, width, lines, shade, isFaint }: Lines) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    const density = window.devicePixelRatio || 1;
    element.width = width * density;
    element.height = HEIGHT * density;
    context.scale(density, density);
    const style = getComputedStyle(element);
    const plain = style.getPropertyValue(isFaint ? '--line' : '--accent').trim();
    const colours =
      isFaint || !shade ? [plain] : shadesOf(scheme, style.getPropertyValue('--line-strong').trim());
    const alpha = isFaint ? 0.5 : lines.length > 2000 ? 0.35 : lines.length > 200 ? 0.55 : 0.85;
    return drawLines(context, { axes, xs, top: TOP, bottom: BOTTOM, colours, shade, alpha }, lines);
  }, [axes, xs, width, lines, shade, isFaint, scheme]);
  return canvas;
}
