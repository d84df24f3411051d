import type { Axis } from '@/lib/chartData';

import type { ChartChoice } from './chartChoice';
import classes from './ChartControls.module.css';
import { Choice } from './Choice';
import { Select } from './Select';

const AXES: { value: Axis; label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'relative', label: 'Duration' },
  { value: 'time', label: 'Time' },
];

interface ChartControlsProps {
  choice: ChartChoice;
  onChange: (choice: ChartChoice) => void;
  /** Metrics that can stand on the horizontal axis. */
  metrics?: string[];
  /** Whether the horizontal axis can be chosen. */
  hasAxes?: boolean;
}

/** How the charts below are drawn: smoothing, logarithmic scales, and what stands on the horizontal axis. */
export function ChartControls({ choice, onChange, metrics = [], hasAxes = true }: ChartControlsProps) {
  const tick = (label: string, part: 'isLog' | 'isLogX' | 'hasEnvelope') => (
    <label className={classes.log}>
      <input
        type="checkbox"
        checked={choice[part] ?? false}
        onChange={(event) => {
          onChange({ ...choice, [part]: event.currentTarget.checked });
        }}
      />
      {label}
    </label>
  );
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
      {choice.smoothing > 0 && tick('Envelope', 'hasEnvelope')}
      {tick('Log scale', 'isLog')}
      {tick('Log axis', 'isLogX')}
      {hasAxes && (
        <Choice
          label="Horizontal axis"
          options={AXES}
          value={choice.axis}
          onChange={(axis) => {
            onChange({ ...choice, axis, xMetric: undefined });
          }}
        />
      )}
      {metrics.length > 0 && <MetricAxis metrics={metrics} choice={choice} onChange={onChange} />}
    </div>
  );
}

function MetricAxis({ metrics, choice, onChange }: Required<Omit<ChartControlsProps, 'hasAxes'>>) {
  return (
    <Select
      label="Metric on the horizontal axis"
      isLabelHidden
      value={choice.xMetric ?? ''}
      options={[['', 'over a metric…'], ...metrics]}
      onChange={(name) => {
        onChange({ ...choice, xMetric: name || undefined });
      }}
    />
  );
}
