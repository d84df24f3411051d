import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';

import { DotChart } from '@/components/DotChart';
import { Hint } from '@/components/Hint';
import { JobLink } from '@/components/JobLink';
import { Section } from '@/components/Section';
import { useMinutes } from '@/lib/clock';
import { formatDuration } from '@/lib/duration';
import { formatNumber, formatValue, fullValue } from '@/lib/values';

import { useProject } from './project';
import classes from './SearchPage.module.css';
import type { Goal } from './searchSearch';
import { progressOf, type Trial } from './trials';

interface BestSectionProps {
  trials: Trial[];
  ranks: Trial[];
  metric: string;
  goal: Goal;
}

/** The best trial, and how the best value came about. */
export function BestSection({ trials, ranks, metric, goal }: BestSectionProps) {
  const project = useProject();
  const navigate = useNavigate();
  const now = useMinutes() / 1000;
  const progress = useMemo(() => progressOf(trials, goal, now), [trials, goal, now]);
  const best = ranks[0];
  return (
    <Section title="Best so far">
      <div className={classes.best}>
        {best?.value === undefined ? (
          <Hint>No trial has logged {metric} yet.</Hint>
        ) : (
          <BestTrial trial={best} value={best.value} metric={metric} />
        )}
        <figure className={classes.chart}>
          <figcaption className={classes.caption}>
            <strong>{metric}</strong> each trial, and the best by then, since the search began
          </figcaption>
          <DotChart
            label={`Best ${metric} over time`}
            height={220}
            dots={progress.map(({ trial, at, value }) => ({
              id: trial.job.job_id,
              x: at,
              y: value,
              title: `Trial ${trial.number}: ${formatNumber(value)} after ${formatDuration(at)}`,
              isMarked: trial.job.job_id === best?.job.job_id,
            }))}
            steps={progress.map(({ at, best: value }) => ({ x: at, y: value }))}
            formatX={formatDuration}
            onOpen={(jobId) =>
              void navigate({ to: '/projects/$project/jobs/$jobId', params: { project, jobId } })
            }
          />
        </figure>
      </div>
    </Section>
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
      <span className={classes.value}>{formatNumber(value)}</span>
      <span className={classes.of}>
        {metric} of trial {number}, <JobLink project={project} jobId={job.job_id} />
      </span>
      <dl className={classes.given}>
        {Object.entries(job.parameters).map(([name, parameter]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd title={fullValue(parameter)}>{formatValue(parameter)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
