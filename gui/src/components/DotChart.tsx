import { useElementSize } from '@mantine/hooks';
import { memo } from 'react';

import { formatNumber } from '@/lib/values';

import classes from './DotChart.module.css';
import { BOTTOM, dotScale, EDGE, LEFT, type DotAxis, type DotScale } from './dotScale';

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
  /** What the numbers of the horizontal axis are. */
  axis?: DotAxis;
  /** Words for the places 0, 1, 2 … of the horizontal axis. */
  words?: string[] | undefined;
  onOpen?: (id: string) => void;
}

/** Dots from which on each is small and faint, so that many in one place show as more. */
const MANY = 250;

/**
 * Dots on two axes. Each dot can be pointed at and opened; what it says stands in a table elsewhere, too. Drawn anew
 * only when what it shows has changed.
 */
export const DotChart = memo(function DotChart(props: DotChartProps) {
  const { label, dots, height, steps = [], axis = 'plain', words, onOpen } = props;
  const { ref, width } = useElementSize();
  const scale = dotScale([...dots, ...steps], { width: Math.max(width, 120), height, axis, words });
  return (
    <div ref={ref} className={classes.frame} style={{ height }}>
      <svg width={scale.width} height={height} role="img" aria-label={label}>
        <Axes height={height} scale={scale} />
        {steps.length > 0 && <path className={classes.steps} d={pathOf(steps, scale)} />}
        <g data-many={dots.length > MANY || undefined}>
          {dots.map((dot) => (
            <Circle key={dot.id} dot={dot} scale={scale} isSmall={dots.length > MANY} onOpen={onOpen} />
          ))}
        </g>
      </svg>
    </div>
  );
});

interface CircleProps {
  dot: Dot;
  scale: DotScale;
  isSmall: boolean;
  onOpen: ((id: string) => void) | undefined;
}

function Circle({ dot: { id, x, y, title, isMarked }, scale, isSmall, onOpen }: CircleProps) {
  return (
    <circle
      className={classes.dot}
      cx={scale.x(x)}
      cy={scale.y(y)}
      r={isMarked ? 5 : isSmall ? 2.75 : 3.5}
      data-marked={isMarked || undefined}
      data-open={onOpen ? true : undefined}
      onClick={() => onOpen?.(id)}
    >
      <title>{title}</title>
    </circle>
  );
}

function Axes({ scale, height }: { scale: DotScale; height: number }) {
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
      {scale.marksX.map(({ x, word, whole, anchor }) => (
        <text key={x} x={x} y={height - BOTTOM + 16} textAnchor={anchor}>
          {word}
          {word !== whole && <title>{whole}</title>}
        </text>
      ))}
    </g>
  );
}

function pathOf(steps: { x: number; y: number }[], scale: DotScale): string {
  const [first, ...rest] = steps;
  if (!first) return '';
  return [
    `M${scale.x(first.x)} ${scale.y(first.y)}`,
    ...rest.map(({ x, y }) => `H${scale.x(x)}V${scale.y(y)}`),
    `H${scale.width - EDGE}`,
  ].join('');
}
