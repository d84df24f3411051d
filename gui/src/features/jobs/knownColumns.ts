/** The columns that a table of jobs can have. */

import { isSystem } from '@/lib/chartData';
import { numberOf } from '@/lib/values';
import type { JobSummary, Statistic, Value } from '@/types/api';

export type ColumnGroup = 'parameters' | 'metrics';

export interface KnownColumn {
  /** As the server calls it for sorting. */
  id: string;
  header: string;
  group?: ColumnGroup;
  isNumber?: boolean;
}

export const FACTS: KnownColumn[] = [
  { id: 'job_id', header: 'Job' },
  { id: 'status', header: 'Status' },
  { id: 'start_time', header: 'Launched' },
  { id: 'duration', header: 'Duration' },
  { id: 'user', header: 'User' },
  { id: 'tags', header: 'Tags' },
];

const PREFIXES: Record<ColumnGroup, string> = { parameters: 'parameters:', metrics: 'output_metrics:' };

/** Return every column that these jobs have values for, parameters before metrics, in the order of their first logging. */
export function knownColumns(jobs: JobSummary[]): KnownColumn[] {
  return [...FACTS, ...valueColumns(jobs, 'parameters'), ...valueColumns(jobs, 'metrics')];
}

function valueColumns(jobs: JobSummary[], group: ColumnGroup): KnownColumn[] {
  const numeric = new Map<string, boolean>();
  for (let index = jobs.length - 1; index >= 0; index -= 1) {
    const values = jobs[index]?.[group] ?? {};
    for (const name in values) {
      if (numeric.get(name) !== false) numeric.set(name, isNumeric(values[name]));
    }
  }
  return [...numeric]
    .filter(([name]) => group === 'parameters' || !isSystem(name))
    .map(([name, isNumber]) => ({ id: PREFIXES[group] + name, header: name, group, isNumber }));
}

function isNumeric(value: Value | undefined): boolean {
  return value === null || numberOf(value) !== undefined;
}

/** Split the id of a metric's column into the metric and the statistic that is shown. */
export function splitStatistic(id: string): { id: string; statistic: Statistic } {
  const match = /^(output_metrics:.+)@(first|min|max)$/.exec(id);
  return match?.[1] ? { id: match[1], statistic: match[2] as Statistic } : { id, statistic: 'last' };
}

/** Return the id of a metric's column that shows this statistic. */
export function withStatistic(id: string, statistic: Statistic): string {
  const plain = splitStatistic(id).id;
  return statistic === 'last' ? plain : `${plain}@${statistic}`;
}
