import { Skeleton } from '@mantine/core';
import { lazy, Suspense, useState, type ComponentProps } from 'react';

import { PLAIN } from '@/components/chartChoice';
import { ChartControls } from '@/components/ChartControls';
import { Hint } from '@/components/Hint';
import { SearchField } from '@/components/SearchField';
import { Section } from '@/components/Section';
import { isSystem, splitMetrics } from '@/lib/chartData';
import { metricGroups } from '@/lib/metricGroups';
import { formatMetric, shortName } from '@/lib/metricWords';
import { formatCount, fullValue } from '@/lib/values';
import type { Job, MetricSummary } from '@/types/api';

import { hasEnded } from './ending';
import classes from './MetricSection.module.css';

// The drawing of charts is a third of this page's code, and not every job has one.
const MetricCharts = lazy(() =>
  import('./MetricCharts').then(({ MetricCharts: page }) => ({ default: page })),
);

/** What the job measured: a chart for each metric that moved, and the single values beside them. */
export function MetricSection({ job }: { job: Job }) {
  const metrics = ownMetrics(job);
  return (
    <Measured title="Metrics" job={job} metrics={metrics}>
      {Object.keys(metrics).length === 0 && <NoMetrics ended={hasEnded(job)} />}
    </Measured>
  );
}

/** What the SDK measured of the machine and of the job's process. Nothing while there is none. */
export function SystemSection({ job }: { job: Job }) {
  const metrics = systemMetrics(job);
  if (Object.keys(metrics).length === 0) return null;
  return <Measured title="System" job={job} metrics={metrics} />;
}

interface MeasuredProps {
  title: string;
  job: Job;
  metrics: Record<string, MetricSummary>;
  children?: React.ReactNode;
}

function Measured({ title, job, metrics, children }: MeasuredProps) {
  const [choice, setChoice] = useState(PLAIN);
  const { lines, values } = splitMetrics(metrics);
  return (
    <Section
      title={title}
      count={lines.length + values.length}
      controls={lines.length > 0 && <ChartControls choice={choice} onChange={setChoice} metrics={lines} />}
    >
      {children}
      {values.length > 0 && (
        <dl className={classes.values}>
          {values.map((name) => (
            <div key={name} className={classes.value}>
              <dt title={name}>{shortName(name)}</dt>
              <dd title={fullValue(metrics[name]?.last)}>{formatMetric(name, metrics[name]?.last)}</dd>
            </div>
          ))}
        </dl>
      )}
      {lines.length > 0 && (
        <Suspense fallback={<Skeleton height={230} radius="md" />}>
          <Groups job={job} metrics={metrics} names={lines} choice={choice} />
        </Suspense>
      )}
    </Section>
  );
}

/** From so many charts on, they are looked for by name. */
const MANY = 12;

type GroupsProps = Omit<ComponentProps<typeof MetricCharts>, 'prefix'>;

/** The charts in the sections that their names make. */
function Groups({ names, ...charts }: GroupsProps) {
  const [words, setWords] = useState('');
  const groups = metricGroups(names, words);
  return (
    <>
      {names.length > MANY && (
        <div className={classes.find}>
          <SearchField label="Find a metric" hasKey={false} value={words} onChange={setWords} />
        </div>
      )}
      {groups.length === 0 && <Hint>No metric has this in its name.</Hint>}
      {groups.map(({ prefix, names: own }) =>
        prefix === '' ? (
          <MetricCharts key="" {...charts} names={own} prefix="" />
        ) : (
          <details key={`/${prefix}`} open className={classes.group}>
            <summary>
              {prefix} <span>{formatCount(own.length)}</span>
            </summary>
            <MetricCharts {...charts} names={own} prefix={prefix} />
          </details>
        ),
      )}
    </>
  );
}

function ownMetrics({ metrics }: Job): Record<string, MetricSummary> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !isSystem(name)));
}

function systemMetrics({ metrics, system_metrics: system }: Job): Record<string, MetricSummary> {
  return { ...Object.fromEntries(Object.entries(metrics).filter(([name]) => isSystem(name))), ...system };
}

function NoMetrics({ ended }: { ended: boolean }) {
  return (
    <Hint>
      {ended ? 'No metrics were logged. ' : 'No metrics have been logged yet. '}
      <code>foundations.log_metric(&quot;loss&quot;, 0.3)</code> in the training loop makes a chart here.
    </Hint>
  );
}
