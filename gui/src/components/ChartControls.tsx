import { SegmentedControl } from '@mantine/core';

import type { Axis } from '@/lib/chartData';

import classes from './ChartControls.module.css';
import type { PlotStyle } from './Plot';

export interface ChartChoice extends PlotStyle {
  axis: Axis;
}

export const PLAIN: ChartChoice = { axis: 'step', isLog: false, smoothing: 0 };

const AXES: { value: Axis; label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'relative', label: 'Duration' },
  { value: 'time', label: 'Time' },
];

interface ChartControlsProps {
  choice: ChartChoice;
  onChange: (choice: ChartChoice) => void;
}

/** How the charts below are drawn: smoothing, a logarithmic scale, and what stands on the horizontal axis. */
export function ChartControls({ choice, onChange }: ChartControlsProps) {
  return (
    <div className={classes.controls}>
      <label className={classes.smoothing}>
        Smoothing
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={choice.smoothing}
          onChange={(event) => {
            onChange({ ...choice, smoothing: Number(event.currentTarget.value) });
          }}
        />
        <output>{choice.smoothing.toFixed(2)}</output>
      </label>
      <label className={classes.log}>
        <input
          type="checkbox"
          checked={choice.isLog}
          onChange={(event) => {
            onChange({ ...choice, isLog: event.currentTarget.checked });
          }}
        />
        Log scale
      </label>
      <SegmentedControl
        size="xs"
        aria-label="Horizontal axis"
        data={AXES}
        value={choice.axis}
        onChange={(axis) => {
          onChange({ ...choice, axis });
        }}
      />
    </div>
  );
}
