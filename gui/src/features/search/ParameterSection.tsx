import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';

import { DotChart, type Dot } from '@/components/DotChart';
import { Section } from '@/components/Section';
import { formatNumber, formatValue } from '@/lib/values';

import { useProject } from './project';
import classes from './SearchPage.module.css';
import { axisOf, variedParameters, type Trial } from './trials';

interface ParameterSectionProps {
  trials: Trial[];
  best: Trial | undefined;
  metric: string;
}

/** What each parameter that was searched has to do with the metric. */
export function ParameterSection({ trials, best, metric }: ParameterSectionProps) {
  const names = useMemo(() => variedParameters(trials.map(({ job }) => job)), [trials]);
  if (names.length === 0) return null;
  return (
    <Section title="Parameters" count={names.length}>
      <div className={classes.charts}>
        {names.map((name) => (
          <ParameterChart key={name} name={name} trials={trials} best={best} metric={metric} />
        ))}
      </div>
    </Section>
  );
}

function ParameterChart({ name, trials, best, metric }: ParameterSectionProps & { name: string }) {
  const project = useProject();
  const navigate = useNavigate();
  const axis = useMemo(() => axisOf(trials.map(({ job }) => job.parameters[name])), [trials, name]);
  const dots = trials.flatMap(({ job, number, value }): Dot[] => {
    const x = axis.placeOf(job.parameters[name]);
    if (x === undefined || value === undefined) return [];
    return [
      {
        id: job.job_id,
        x,
        y: value,
        title: `Trial ${number}: ${formatNumber(value)} with ${name} ${formatValue(job.parameters[name])}`,
        isMarked: job.job_id === best?.job.job_id,
      },
    ];
  });
  return (
    <figure className={classes.chart}>
      <figcaption className={classes.caption}>
        <strong>{name}</strong> {axis.isLog && 'log scale'}
      </figcaption>
      <DotChart
        label={`${metric} over ${name}`}
        height={170}
        dots={dots}
        isLogX={axis.isLog}
        words={axis.words}
        onOpen={(jobId) =>
          void navigate({ to: '/projects/$project/jobs/$jobId', params: { project, jobId } })
        }
      />
    </figure>
  );
}
