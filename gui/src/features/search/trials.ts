/** What is worth knowing of the trials of a search. */

import { shortId } from '@/lib/jobId';
import { isLessBetter } from '@/lib/metricWords';
import { formatValue, numberOf, ownValue } from '@/lib/values';
import type { JobSummary, Value } from '@/types/api';

import type { Goal } from './searchSearch';

export interface Trial {
  job: JobSummary;
  /** The number that the search gave it. */
  number: string;
  /** The best value that it reached; undefined while there is none, or none that is finite. */
  value: number | undefined;
  /** What it logged last, whatever that is. */
  logged: Value | undefined;
}

/** Return what a trial is called: a job that was made part of a search by hand has no number. */
export function trialName({ job, number }: Trial): string {
  return number === '' ? `Job ${shortId(job.job_id)}` : `Trial ${number}`;
}

/** Return what is probably wanted of a metric, by its name. */
export function likelyGoal(metric: string): Goal {
  return isLessBetter(metric) ? 'min' : 'max';
}

/** Return the metrics of any trial; those that most trials have come first. */
export function metricsOf(jobs: JobSummary[]): string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of jobs) {
    for (const [name, value] of Object.entries(metrics)) {
      if (numberOf(value) !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, left], [, right]) => right - left).map(([name]) => name);
}

/** Return a trial for each job. */
export function trialsOf(jobs: JobSummary[], metric: string, goal: Goal): Trial[] {
  return jobs.map((job) => {
    const logged = ownValue(job.metrics, metric);
    const value = numberOf(ownValue(job.summaries, metric)?.[goal] ?? logged);
    const number = job.tags['trial'];
    return {
      job,
      number: number === undefined ? '' : formatValue(number),
      value: value !== undefined && Number.isFinite(value) ? value : undefined,
      logged,
    };
  });
}

/** Order trials, the best first; those without a value come last. */
export function ranked(trials: Trial[], goal: Goal): Trial[] {
  const sign = goal === 'max' ? -1 : 1;
  return [...trials].sort((left, right) => {
    if (left.value === undefined || right.value === undefined)
      return Number(left.value === undefined) - Number(right.value === undefined);
    return sign * (left.value - right.value);
  });
}

/** A moment, in seconds since the search began, at which a trial ended, and the best value by then. */
export interface Progress {
  trial: Trial;
  at: number;
  value: number;
  best: number;
}

/** Return how the best value came about: the trials with a value in the order in which they ended. */
export function progressOf(trials: Trial[], goal: Goal, now: number): Progress[] {
  const start = trials.reduce((first, { job }) => Math.min(first, job.creation_time), Infinity);
  const ended = trials
    .flatMap((trial) =>
      trial.value === undefined
        ? []
        : [{ trial, at: (trial.job.completed_time ?? now) - start, value: trial.value }],
    )
    .sort((left, right) => left.at - right.at);
  let best = goal === 'max' ? -Infinity : Infinity;
  return ended.map((each) => {
    best = goal === 'max' ? Math.max(best, each.value) : Math.min(best, each.value);
    return { ...each, best };
  });
}

/** Return the parameters that differ between trials. */
export function variedParameters(jobs: JobSummary[]): string[] {
  const names = [...new Set(jobs.flatMap(({ parameters }) => Object.keys(parameters)))];
  return names.filter((name) => {
    const values = new Set(jobs.map(({ parameters }) => JSON.stringify(ownValue(parameters, name))));
    return values.size > 1;
  });
}
