import { useMemo } from 'react';

import { DotChart } from '@/components/DotChart';
import { Hint } from '@/components/Hint';
import { JobLink } from '@/components/JobLink';
import { Section } from '@/components/Section';
import { useMinutes } from '@/lib/clock';
import { formatDuration } from '@/lib/duration';
import { formatNumber, formatValue, fullValue } from '@/lib/values';

import { useOpenJob, useProject } from './project';
import classes from './SearchPage.module.css';
import type { Goal } from './searchSearch';
import { progressOf, trialName, type Trial } from './trials';

interface BestSectionProps {
  trials: Trial[];
  ranks: Trial[];
  metric: string;
  goal: Goal;
}

/** The best trial, and how the best value came about. */
export function BestSection({ trials, ranks, metric, goal }: BestSectionProps) {
  const best = ranks[0];
  return (
    <Section title="Best so far">
      {best?.value === undefined ? (
        <Hint>
          No trial has logged {metric} as a finite number yet; the table below shows what they have logged.
        </Hint>
      ) : (
        <div className={classes.best}>
          <BestTrial trial={best} value={best.value} metric={metric} />
          <ProgressChart trials={trials} best={best} metric={metric} goal={goal} />
        </div>
      )}
    </Section>
  );
}

interface ProgressChartProps extends Omit<BestSectionProps, 'ranks'> {
  best: Trial;
}

function ProgressChart({ trials, best, metric, goal }: ProgressChartProps) {
  const now = useMinutes() / 1000;
  const progress = useMemo(() => progressOf(trials, goal, now), [trials, goal, now]);
  const dots = useMemo(
    () =>
      progress.map(({ trial, at, value }) => ({
        id: trial.job.job_id,
        x: at,
        y: value,
        title: `${trialName(trial)}: ${formatNumber(value)} after ${formatDuration(at)}`,
        isMarked: trial.job.job_id === best.job.job_id,
      })),
    [progress, best],
  );
  const steps = useMemo(() => progress.map(({ at, best: y }) => ({ x: at, y })), [progress]);
  return (
    <figure className={classes.chart}>
      <figcaption className={classes.caption}>
        <strong title={metric}>{metric}</strong> each trial, and the best by then, since the search began
      </figcaption>
      <DotChart
        label={`Best ${metric} over time`}
        height={220}
        dots={dots}
        steps={steps}
        axis="time"
        onOpen={useOpenJob()}
      />
    </figure>
  );
}

function BestTrial({
  trial: { job, number },
  value,
  metric,
}: {
  trial: Trial;
  value: number;
  metric: string;
}) {
  const project = useProject();
  return (
    <div className={classes.card}>
      <span className={classes.value} title={String(value)}>
        {formatNumber(value)}
      </span>
      <span className={classes.of}>
        {metric} of {number === '' ? 'job' : `trial ${number},`}{' '}
        <JobLink project={project} jobId={job.job_id} />
      </span>
      <div className={classes.given} tabIndex={0} role="region" aria-label="Parameters of the best trial">
        <dl>
          {Object.entries(job.parameters).map(([name, parameter]) => (
            <div key={name}>
              <dt title={name}>{name}</dt>
              <dd title={fullValue(parameter)}>{formatValue(parameter)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  );
}
