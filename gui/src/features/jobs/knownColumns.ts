/** The columns that a table of jobs can have. */

import { isSystem } from '@/lib/chartData';
import { isLessBetter } from '@/lib/metricWords';
import type { Facet, Facets, Statistic } from '@/types/api';

export type ColumnGroup = 'parameters' | 'metrics';

export interface KnownColumn {
  /** As an address calls it. */
  id: string;
  header: string;
  group?: ColumnGroup;
  isNumber?: boolean;
}

export const FACTS: KnownColumn[] = [
  { id: 'job_id', header: 'Job ID' },
  { id: 'status', header: 'Status' },
  { id: 'start_time', header: 'Launched' },
  { id: 'duration', header: 'Duration' },
  { id: 'user', header: 'User' },
  { id: 'tags', header: 'Tags' },
];

const PREFIXES: Record<ColumnGroup, string> = { parameters: 'parameters:', metrics: 'output_metrics:' };

/** Return every column that the jobs of a project have values for, parameters before metrics. */
export function knownColumns(facets: Facets | undefined): KnownColumn[] {
  return [...FACTS, ...valueColumns(facets, 'parameters'), ...valueColumns(facets, 'metrics')];
}

function valueColumns(facets: Facets | undefined, group: ColumnGroup): KnownColumn[] {
  return (facets?.[group] ?? [])
    .filter(({ name }) => group === 'parameters' || !isSystem(name))
    .sort((one, other) => other.jobs - one.jobs)
    .map((facet) => ({
      id: PREFIXES[group] + facet.name,
      header: facet.name,
      group,
      isNumber: isNumeric(facet),
    }));
}

function isNumeric({ min, values }: Facet): boolean {
  return min !== null && values.length === 0;
}

/** What a metric's column can show. The best is the least or the most, whichever is better of this metric. */
export type ShownStatistic = Statistic | 'best';

/** Split the id of a metric's column into the metric and the statistic that is shown. */
export function splitStatistic(id: string): { id: string; statistic: ShownStatistic } {
  const match = /^(output_metrics:.+)@(first|min|max|best)$/.exec(id);
  return match?.[1] ? { id: match[1], statistic: match[2] as ShownStatistic } : { id, statistic: 'last' };
}

/** Return the id of a metric's column that shows this statistic. */
export function withStatistic(id: string, statistic: ShownStatistic): string {
  const plain = splitStatistic(id).id;
  return statistic === 'last' ? plain : `${plain}@${statistic}`;
}

/** Return the statistic of the server's that is meant for this metric. */
export function plainStatistic(metric: string, statistic: ShownStatistic): Statistic {
  if (statistic !== 'best') return statistic;
  return isLessBetter(metric) ? 'min' : 'max';
}
