import {
  columnSizingFeature,
  createColumnHelper,
  createSortedRowModel,
  metaHelper,
  rowSortingFeature,
  tableFeatures,
  type ColumnDef,
} from '@tanstack/react-table';

import { Duration } from '@/components/Duration';
import { Moment } from '@/components/Moment';
import { StatusMark } from '@/components/StatusMark';
import { compareKeys, sortKey, type SortKey } from '@/lib/compare';
import type { JobStatus, Value } from '@/types/api';

import { JobIdCell, TagsCell, ValueCell } from './cells';
import type { ColumnChoice } from './columnChoice';
import { splitStatistic, type ColumnGroup, type KnownColumn } from './knownColumns';
import { metricOf, type JobRow } from './rows';

/** How a column is shown beyond its cells. */
export interface ColumnMeta {
  /** Numbers end at the right edge, so that their digits line up. */
  align?: 'end';
  group?: ColumnGroup;
  /** Pixels from the left edge at which it stays while the table scrolls sideways. */
  left?: number;
}

export const features = tableFeatures({
  rowSortingFeature,
  columnSizingFeature,
  sortedRowModel: createSortedRowModel(),
  columnMeta: metaHelper<ColumnMeta>(),
});

export type JobColumn = ColumnDef<typeof features, JobRow>;

const helper = createColumnHelper<typeof features, JobRow>();

/** Pixels of the column of check boxes, which is always there and always pinned. */
export const SELECT_WIDTH = 36;

/** Where a status stands when the table is sorted by it: what needs attention, then what moves, then the rest. */
const STATUS_ORDER: Record<JobStatus, number> = {
  failed: 0,
  running: 1,
  pending: 2,
  queued: 3,
  completed: 4,
};

const ordered = {
  sortFn: (
    left: { getValue: (id: string) => unknown },
    right: { getValue: (id: string) => unknown },
    id: string,
  ) => compareKeys(left.getValue(id) as SortKey, right.getValue(id) as SortKey),
  sortUndefined: 'last' as const,
};

/**
 * Return the chosen columns, pinned ones first. Their ids are the names by which the server sorts.
 *
 * What a cell is made of is a component, so new columns make every cell anew: keep them while the choice stays the same.
 */
export function makeColumns(choice: ColumnChoice[], known: KnownColumn[], project: string): JobColumn[] {
  const byId = new Map(known.map((column) => [column.id, column]));
  const facts = new Map(factColumns(project).map((column) => [String(column.id), column]));
  const pinned = choice.filter(({ isPinned }) => isPinned);
  let left = SELECT_WIDTH;
  return [...pinned, ...choice.filter(({ isPinned }) => !isPinned)].flatMap(({ id, width, isPinned }) => {
    const { id: plain, statistic } = splitStatistic(id);
    const column = byId.get(plain);
    const made = facts.get(id) ?? (column && valueColumn(id, column, statistic));
    if (!made) return [];
    const size = width ?? made.size ?? 100;
    const meta = { ...made.meta, ...(isPinned && { left }) };
    if (isPinned) left += size;
    return [{ ...made, size, meta }];
  });
}

function factColumns(project: string): JobColumn[] {
  return helper.columns([
    helper.accessor((row): SortKey => row.id, {
      id: 'job_id',
      header: 'Job',
      size: 108,
      ...ordered,
      cell: ({ row }) => <JobIdCell project={project} jobId={row.original.id} />,
    }),
    helper.accessor((row): SortKey => STATUS_ORDER[row.status], {
      id: 'status',
      header: 'Status',
      size: 112,
      sortDescFirst: false,
      ...ordered,
      cell: ({ row }) => <StatusMark status={row.original.status} />,
    }),
    helper.accessor((row): SortKey => row.launched, {
      id: 'start_time',
      header: 'Launched',
      size: 122,
      sortDescFirst: true,
      ...ordered,
      cell: ({ row }) => (row.original.launched === undefined ? null : <Moment at={row.original.launched} />),
    }),
    durationColumn(),
    helper.accessor((row): SortKey => sortKey(row.user), {
      id: 'user',
      header: 'User',
      size: 104,
      sortDescFirst: false,
      ...ordered,
      cell: ({ row }) => <span title={row.original.user}>{row.original.user}</span>,
    }),
    helper.accessor((row): SortKey => row.tags[0]?.[0], {
      id: 'tags',
      header: 'Tags',
      size: 172,
      sortDescFirst: false,
      ...ordered,
      cell: ({ row }) => <TagsCell tags={row.original.tags} />,
    }),
  ]) as JobColumn[];
}

function durationColumn() {
  return helper.accessor((row): SortKey => row.duration, {
    id: 'duration',
    header: 'Duration',
    size: 88,
    sortDescFirst: true,
    meta: { align: 'end' },
    ...ordered,
    cell: ({ row: { original } }) =>
      original.duration === undefined ? null : (
        <Duration
          seconds={original.duration}
          since={original.status === 'running' ? original.readAt : undefined}
        />
      ),
  });
}

function valueColumn(
  id: string,
  column: KnownColumn,
  statistic: 'last' | 'first' | 'min' | 'max',
): JobColumn {
  const { header: name, group = 'parameters', isNumber = false } = column;
  const header = statistic === 'last' ? name : `${name} (${statistic})`;
  const read = (row: JobRow): Value | undefined =>
    group === 'parameters' ? row.job.parameters[name] : metricOf(row, name, statistic);
  return helper.accessor((row): SortKey => sortKey(read(row)), {
    id,
    header,
    size: Math.min(210, Math.max(84, 36 + header.length * 7)),
    sortDescFirst: isNumber,
    meta: isNumber ? { group, align: 'end' } : { group },
    ...ordered,
    cell: ({ row }) => <ValueCell value={read(row.original)} />,
  }) as JobColumn;
}
