import { SegmentedControl, Skeleton } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';

import { Section } from '@/components/Section';
import { formatValue, fullValue } from '@/lib/values';
import type { Job } from '@/types/api';

import { splitMetrics, type Axis } from './chartData';
import { hasEnded } from './ending';
import classes from './MetricSection.module.css';

// The drawing of charts is a third of this page's code, and not every job has one.
const MetricCharts = lazy(() =>
  import('./MetricCharts').then(({ MetricCharts: page }) => ({ default: page })),
);

const AXES: { value: Axis; label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'time', label: 'Time' },
];

/** What the job measured: a chart for each metric that moved, and the single values beside them. */
export function MetricSection({ job }: { job: Job }) {
  const [axis, setAxis] = useState<Axis>('step');
  const { lines, values } = splitMetrics(job.metrics);
  return (
    <Section
      title="Metrics"
      count={lines.length + values.length}
      controls={
        lines.length > 0 && (
          <SegmentedControl
            size="xs"
            aria-label="Horizontal axis"
            data={AXES}
            value={axis}
            onChange={setAxis}
          />
        )
      }
    >
      {lines.length + values.length === 0 && <NoMetrics ended={hasEnded(job)} />}
      {values.length > 0 && (
        <dl className={classes.values}>
          {values.map((name) => (
            <div key={name} className={classes.value}>
              <dt title={name}>{name}</dt>
              <dd title={fullValue(job.metrics[name]?.last)}>{formatValue(job.metrics[name]?.last)}</dd>
            </div>
          ))}
        </dl>
      )}
      {lines.length > 0 && (
        <Suspense fallback={<Skeleton height={230} radius="md" />}>
          <MetricCharts job={job} names={lines} axis={axis} />
        </Suspense>
      )}
    </Section>
  );
}

function NoMetrics({ ended }: { ended: boolean }) {
  return (
    <p className={classes.empty}>
      {ended ? 'No metrics were logged. ' : 'No metrics have been logged yet. '}
      <code>foundations.log_metric(&quot;loss&quot;, 0.3)</code> in the training loop makes a chart here.
    </p>
  );
}
