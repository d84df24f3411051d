import { useElementSize } from '@mantine/hooks';

import { logTicks, ticks } from '@/lib/ticks';
import { formatNumber } from '@/lib/values';

import classes from './DotChart.module.css';

export interface Dot {
  id: string;
  x: number;
  y: number;
  /** What a reader is told who points at it. */
  title: string;
  isMarked?: boolean;
}

interface DotChartProps {
  label: string;
  dots: Dot[];
  height: number;
  /** A line of steps through these places. */
  steps?: { x: number; y: number }[];
  isLogX?: boolean;
  /** Words for the places 0, 1, 2 … of the horizontal axis. */
  words?: string[] | undefined;
  formatX?: (x: number) => string;
  onOpen?: (id: string) => void;
}

/** Room for the words of the axes, in pixels. */
const LEFT = 56;
const BOTTOM = 22;
const EDGE = 8;

/** Dots on two axes. Each dot can be pointed at and opened; what it says stands in a table elsewhere, too. */
export function DotChart(props: DotChartProps) {
  const { label, dots, height, steps = [], onOpen } = props;
  const { ref, width } = useElementSize();
  const scale = scaleOf(props, Math.max(width, 120));
  return (
    <div ref={ref} className={classes.frame} style={{ height }}>
      <svg width={scale.width} height={height} role="img" aria-label={label}>
        <Axes {...props} scale={scale} />
        {steps.length > 0 && <path className={classes.steps} d={pathOf(steps, scale)} />}
        {dots.map(({ id, x, y, title, isMarked }) => (
          <circle
            key={id}
            className={classes.dot}
            cx={scale.x(x)}
            cy={scale.y(y)}
            r={isMarked ? 5 : 3.5}
            data-marked={isMarked || undefined}
            data-open={onOpen ? true : undefined}
            onClick={() => onOpen?.(id)}
          >
            <title>{title}</title>
          </circle>
        ))}
      </svg>
    </div>
  );
}

interface Scale {
  width: number;
  x: (value: number) => number;
  y: (value: number) => number;
  marksX: number[];
  marksY: number[];
}

function Axes({
  scale,
  height,
  words,
  formatX = formatNumber,
}: Pick<DotChartProps, 'height' | 'words' | 'formatX'> & { scale: Scale }) {
  const bottom = height - BOTTOM;
  return (
    <g className={classes.axes} aria-hidden>
      {scale.marksY.map((mark) => (
        <g key={mark}>
          <line x1={LEFT} x2={scale.width - EDGE} y1={scale.y(mark)} y2={scale.y(mark)} />
          <text x={LEFT - 8} y={scale.y(mark) + 4} textAnchor="end">
            {formatNumber(mark)}
          </text>
        </g>
      ))}
      {scale.marksX.map((mark) => (
        <text key={mark} x={scale.x(mark)} y={bottom + 16} textAnchor="middle">
          {words ? (words[mark] ?? '') : formatX(mark)}
        </text>
      ))}
    </g>
  );
}

function scaleOf({ dots, steps = [], height, isLogX = false, words }: DotChartProps, width: number): Scale {
  const all = [...dots, ...steps];
  const [lowX, highX] = words
    ? [-0.5, words.length - 0.5]
    : rangeOf(
        all.map(({ x }) => x),
        isLogX,
      );
  const [lowY, highY] = rangeOf(
    all.map(({ y }) => y),
    false,
  );
  const place = isLogX ? Math.log10 : (value: number): number => value;
  const share = (value: number): number => (place(value) - place(lowX)) / (place(highX) - place(lowX) || 1);
  return {
    width,
    x: (value) => LEFT + 6 + share(value) * (width - LEFT - EDGE - 12),
    y: (value) => EDGE + (1 - (value - lowY) / (highY - lowY || 1)) * (height - BOTTOM - 2 * EDGE),
    marksX: words
      ? words.map((_, index) => index)
      : isLogX
        ? logTicks(lowX, highX)
        : ticks(lowX, highX, width / 110),
    marksY: ticks(lowY, highY, height / 45),
  };
}

function rangeOf(values: number[], isLog: boolean): [number, number] {
  if (values.length === 0) return [isLog ? 0.1 : 0, 1];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (least < most) return [least, most];
  return isLog ? [least / 2, most * 2] : [least - 0.5, most + 0.5];
}

function pathOf(steps: { x: number; y: number }[], scale: Scale): string {
  const [first, ...rest] = steps;
  if (!first) return '';
  return [
    `M${scale.x(first.x)} ${scale.y(first.y)}`,
    ...rest.map(({ x, y }) => `H${scale.x(x)}V${scale.y(y)}`),
    `H${scale.width - EDGE}`,
  ].join('');
}
