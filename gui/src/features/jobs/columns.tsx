import {
  columnSizingFeature,
  createColumnHelper,
  createSortedRowModel,
  metaHelper,
  rowSortingFeature,
  tableFeatures,
} from '@tanstack/react-table';

import { Duration } from '@/components/Duration';
import { Moment } from '@/components/Moment';
import { StatusMark } from '@/components/StatusMark';
import { compareKeys, sortKey, type SortKey } from '@/lib/compare';
import type { JobStatus, NamedType, Value } from '@/types/api';

import { JobIdCell, TagsCell, ValueCell } from './cells';
import type { JobRow } from './rows';

/** How a column is shown beyond its cells. */
interface ColumnMeta {
  /** Numbers end at the right edge, so that their digits line up. */
  align?: 'end';
  group?: 'parameters' | 'metrics';
  /** Stays at the left edge while the table scrolls sideways. */
  pinned?: boolean;
}

export const features = tableFeatures({
  rowSortingFeature,
  columnSizingFeature,
  sortedRowModel: createSortedRowModel(),
  columnMeta: metaHelper<ColumnMeta>(),
});

const helper = createColumnHelper<typeof features, JobRow>();

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
 * Return the table's columns. Their ids are the names by which the server sorts.
 *
 * What a cell is made of is a component, so new columns make every cell anew: keep them while the names stay the same.
 */
export function makeColumns(parameters: NamedType[], metrics: NamedType[], project: string) {
  return helper.columns([
    ...factColumns(project),
    ...parameters.map((name) => valueColumn('parameters', name)),
    ...metrics.map((name) => valueColumn('metrics', name)),
  ]);
}

function factColumns(project: string) {
  return [
    helper.accessor((row): SortKey => row.id, {
      id: 'job_id',
      header: 'Job',
      size: 108,
      meta: { pinned: true },
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
    helper.accessor((row): SortKey => row.duration, {
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
    }),
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
  ];
}

function valueColumn(group: 'parameters' | 'metrics', { name, type }: NamedType) {
  const read = (row: JobRow): Value | undefined => row[group].get(name);
  const isNumber = holdsNumbers(group, type);
  const narrowest = type.startsWith('array') && !isNumber ? 116 : 84;
  return helper.accessor((row): SortKey => sortKey(read(row)), {
    id: `${group === 'metrics' ? 'output_metrics' : 'parameters'}:${name}`,
    header: name,
    size: Math.min(210, Math.max(narrowest, 36 + name.length * 7)),
    sortDescFirst: isNumber,
    meta: isNumber ? { group, align: 'end' } : { group },
    ...ordered,
    cell: ({ row }) => <ValueCell value={read(row.original)} />,
  });
}

/** A metric that was logged again is listed as an array, of which the table shows the last value. */
function holdsNumbers(group: 'parameters' | 'metrics', type: string): boolean {
  return type === 'number' || (group === 'metrics' && type === 'array number');
}
