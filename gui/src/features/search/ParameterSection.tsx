import { useCallback, useMemo } from 'react';

import { DotChart, type Dot } from '@/components/DotChart';
import { Section } from '@/components/Section';
import { formatNumber, formatValue, ownValue } from '@/lib/values';

import { FEWEST, importanceOf, type Importance } from './importance';
import { axisOf } from './parameterAxis';
import { useOpenJob } from './project';
import classes from './SearchPage.module.css';
import { trialName, variedParameters, type Trial } from './trials';

interface ParameterSectionProps {
  trials: Trial[];
  best: Trial | undefined;
  metric: string;
}

/** What each parameter that was searched has to do with the metric, the one that matters most first. */
export function ParameterSection({ trials, best, metric }: ParameterSectionProps) {
  const parameters = useMemo(() => byImportance(trials), [trials]);
  if (parameters.length === 0) return null;
  return (
    <Section
      title={`What ${metric} depends on`}
      controls={<span className={classes.method}>{wordsOf(parameters)}</span>}
    >
      <div className={classes.charts}>
        {parameters.map(({ name, importance }) => (
          <ParameterChart
            key={name}
            name={name}
            importance={importance}
            trials={trials}
            best={best}
            metric={metric}
          />
        ))}
      </div>
    </Section>
  );
}

interface Judged {
  name: string;
  importance: Importance | undefined;
}

function byImportance(trials: Trial[]): Judged[] {
  const names = variedParameters(trials.map(({ job }) => job));
  const weight = ({ importance }: Judged): number => (importance?.isClear ? importance.share : 0);
  return names
    .map((name) => ({ name, importance: importanceOf(trials, name) }))
    .sort((left, right) => weight(right) - weight(left));
}

function wordsOf(parameters: Judged[]): string {
  return parameters.some(({ importance }) => importance)
    ? 'The share of the trials’ ranking that each parameter alone accounts for'
    : `Which parameters matter is told from ${FEWEST} trials on`;
}

function ParameterChart({
  name,
  importance,
  trials,
  best,
  metric,
}: ParameterSectionProps & { name: string; importance: Importance | undefined }) {
  const open = useOpenJob();
  const axis = useMemo(() => axisOf(trials.map(({ job }) => ownValue(job.parameters, name))), [trials, name]);
  const placeOf = useCallback(
    (trial: Trial) => axis.placeOf(ownValue(trial.job.parameters, name)),
    [axis, name],
  );
  const dots = useMemo(() => dotsOf(trials, name, best, placeOf), [trials, name, best, placeOf]);
  return (
    <figure className={classes.chart}>
      <figcaption className={classes.caption} data-tight>
        <strong title={name}>{name}</strong> <Weight importance={importance} />
        {axis.isLog && <span>log scale</span>}
      </figcaption>
      <DotChart
        label={`${metric} over ${name}`}
        height={170}
        dots={dots}
        axis={axis.isLog ? 'log' : 'plain'}
        words={axis.words}
        onOpen={open}
      />
    </figure>
  );
}

function Weight({ importance }: { importance: Importance | undefined }) {
  if (!importance) return null;
  if (!importance.isClear) return <span>no clear effect</span>;
  const percent = Math.round(importance.share * 100);
  return (
    <span className={classes.weight}>
      <i aria-hidden>
        <b style={{ width: `${percent}%` }} />
      </i>
      {percent} %
    </span>
  );
}

/** The dots of the trials that have a place; the best lies above the others. */
function dotsOf(
  trials: Trial[],
  name: string,
  best: Trial | undefined,
  placeOf: (trial: Trial) => number | undefined,
): Dot[] {
  const dots = trials.flatMap((trial): Dot[] => {
    const { job, value } = trial;
    const x = placeOf(trial);
    if (x === undefined || value === undefined) return [];
    const given = formatValue(ownValue(job.parameters, name));
    return [
      {
        id: job.job_id,
        x,
        y: value,
        title: `${trialName(trial)}: ${formatNumber(value)} with ${name} ${given}`,
        isMarked: job.job_id === best?.job.job_id,
      },
    ];
  });
  return dots.sort((left, right) => Number(left.isMarked) - Number(right.isMarked));
}
