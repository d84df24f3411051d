import { fieldOfColumn } from '@/components/filter/writing';
import { ownValue, plainText } from '@/lib/values';
import type { JobSummary, Statistic, Value } from '@/types/api';

import {
  durationCell,
  jobIdCell,
  momentCell,
  statusCell,
  tagsCell,
  textCell,
  valueCell,
  type JobCell,
} from './cells';
import type { ColumnChoice } from './columnChoice';
import {
  plainStatistic,
  splitStatistic,
  type ColumnGroup,
  type KnownColumn,
  type ShownStatistic,
} from './knownColumns';

/** A column as the table draws it. */
export interface JobColumn {
  /** As the choice of columns calls it, with the statistic. */
  id: string;
  header: string;
  /** Pixels. */
  size: number;
  /** Numbers end at the right edge, so that their digits line up. */
  align?: 'end' | undefined;
  group?: ColumnGroup | undefined;
  /** Pixels from the left edge at which it stays while the table scrolls sideways. */
  left?: number | undefined;
  /** Whether the largest comes first when one begins to sort by it. */
  isDescendingFirst: boolean;
  isSortable: boolean;
  /** What a filter calls it; undefined where a filter cannot speak of it. */
  field?: string | undefined;
  /** The value that a filter would compare. */
  valueOf: (job: JobSummary) => Value | undefined;
  cellOf: (job: JobSummary, readAt: number) => JobCell;
}

/** Pixels of the column of check boxes, which is always there and always pinned. */
export const SELECT_WIDTH = 36;

/** Pixels of a column of numbers at least: the longest of them has eleven signs. */
const NUMBER_WIDTH = 116;

/** Return the chosen columns, pinned ones first. */
export function makeColumns(choice: ColumnChoice[], known: KnownColumn[], project: string): JobColumn[] {
  const byId = new Map(known.map((column) => [column.id, column]));
  const facts = new Map(factColumns(project).map((column) => [column.id, column]));
  const pinned = choice.filter(({ isPinned }) => isPinned);
  let left = SELECT_WIDTH;
  return [...pinned, ...choice.filter(({ isPinned }) => !isPinned)].flatMap(({ id, width, isPinned }) => {
    const { id: plain, statistic } = splitStatistic(id);
    const column = byId.get(plain) ?? guessed(plain);
    const made = facts.get(id) ?? (column && valueColumn(id, column, statistic));
    if (!made) return [];
    const size = width ?? made.size;
    const place = left;
    if (isPinned) left += size;
    return [{ ...made, size, ...(isPinned && { left: place }) }];
  });
}

/** Return what an address says of a column that no job has yet, or of which the server has not told yet. */
function guessed(id: string): KnownColumn | undefined {
  const [, prefix, header] = /^(parameters|output_metrics):(.+)$/.exec(id) ?? [];
  return header ? { id, header, group: prefix === 'parameters' ? 'parameters' : 'metrics' } : undefined;
}

function factColumns(project: string): JobColumn[] {
  const fact = (
    id: string,
    header: string,
    size: number,
    cellOf: JobColumn['cellOf'],
    rest: Partial<JobColumn> = {},
  ): JobColumn => ({
    id,
    header,
    size,
    cellOf,
    field: id,
    isDescendingFirst: false,
    isSortable: true,
    valueOf: () => undefined,
    ...rest,
  });
  return [
    fact('job_id', 'Job ID', 112, (job) => jobIdCell(project, job.job_id), { valueOf: (job) => job.job_id }),
    fact('status', 'Status', 112, (job) => statusCell(job.status), { valueOf: (job) => job.status }),
    fact('start_time', 'Launched', 132, (job) => momentCell(job.start_time), {
      valueOf: (job) => momentOf(job.start_time),
      isDescendingFirst: true,
    }),
    fact('duration', 'Duration', 84, durationCell, {
      valueOf: (job) => (job.duration === null ? undefined : Math.round(job.duration)),
      isDescendingFirst: true,
      align: 'end',
    }),
    fact('user', 'User', 96, (job) => textCell(plainText(job.user ?? '')), {
      valueOf: (job) => job.user ?? undefined,
    }),
    fact('tags', 'Tags', 148, (job) => tagsCell(job.tags), {
      field: undefined,
      isSortable: false,
      valueOf: () => undefined,
    }),
  ];
}

function momentOf(seconds: number | null): string | undefined {
  return seconds === null ? undefined : new Date(seconds * 1000).toISOString().slice(0, 19);
}

function valueColumn(id: string, column: KnownColumn, shown: ShownStatistic): JobColumn {
  const { header: name, group = 'parameters', isNumber = false } = column;
  const statistic = plainStatistic(name, shown);
  const header = shown === 'last' ? name : `${name} (${shown})`;
  const valueOf = (job: JobSummary): Value | undefined =>
    group === 'parameters' ? ownValue(job.parameters, name) : metricOf(job, name, statistic);
  return {
    id,
    header,
    size: Math.min(210, Math.max(isNumber ? NUMBER_WIDTH : 96, Math.round(44 + header.length * 6.5))),
    group,
    field: fieldOfColumn(shown === 'last' ? column.id : `${column.id}@${statistic}`),
    isDescendingFirst: isNumber,
    isSortable: true,
    valueOf,
    ...(isNumber && { align: 'end' as const }),
    cellOf: (job) => valueCell(valueOf(job)),
  };
}

/** Return one statistic of a metric: the last value unless another is asked for. */
function metricOf(job: JobSummary, name: string, statistic: Statistic): Value | undefined {
  return statistic === 'last' ? ownValue(job.metrics, name) : ownValue(job.summaries, name)?.[statistic];
}
