/** What differs between jobs. */

import { fullValue, ownValue } from '@/lib/values';
import type { Job, Value } from '@/types/api';

/** A parameter with its value in each job, in the order of the jobs. */
export interface ComparedParameter {
  name: string;
  values: (Value | undefined)[];
  isSame: boolean;
}

/** Return every parameter of any of the jobs; those that differ come first. */
export function compareParameters(jobs: Job[]): ComparedParameter[] {
  const names = [...new Set(jobs.flatMap(({ parameters }) => Object.keys(parameters)))];
  const compared = names.map((name) => {
    const values = jobs.map(({ parameters }) => ownValue(parameters, name));
    return { name, values, isSame: new Set(values.map(fullValue)).size === 1 };
  });
  return [...compared.filter(({ isSame }) => !isSame), ...compared.filter(({ isSame }) => isSame)];
}

/** Return the names of the metrics that make a line in any of the jobs, in the order of the jobs. */
export function metricsOf(jobs: Job[]): string[] {
  const names = jobs.flatMap(({ metrics }) =>
    Object.entries(metrics)
      .filter(([, { count, min }]) => count > 0 && min !== null)
      .map(([name]) => name),
  );
  return [...new Set(names)].filter((name) => jobs.some(({ metrics }) => (metrics[name]?.count ?? 0) > 1));
}

/** Return the jobs that an address names, each once. */
export function parseJobs(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(',').filter(Boolean))];
}
