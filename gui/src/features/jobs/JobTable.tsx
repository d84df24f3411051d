import { FlexRender, useTable, type ColumnDef, type Header, type Row } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useRef } from 'react';

import { Icon } from '@/components/Icon';

import { features } from './columns';
import classes from './JobTable.module.css';
import type { JobRow } from './rows';
import type { ColumnOrder } from './tableSearch';

/** Pixels; the same as --row-height. */
const ROW_HEIGHT = 34;

type Features = typeof features;
type Heading = Header<Features, JobRow>;

interface JobTableProps {
  rows: JobRow[];
  columns: ColumnDef<Features, JobRow>[];
  order: ColumnOrder[];
  onOrder: (order: ColumnOrder[]) => void;
}

/** The table of jobs. Only the rows in sight are in the document, so ten thousand scroll like ten. */
export function JobTable({ rows, columns, order, onOrder }: JobTableProps) {
  const table = useTable({
    features,
    columns,
    data: rows,
    state: { sorting: order },
    onSortingChange: (change) => {
      onOrder(typeof change === 'function' ? change(order) : change);
    },
    getRowId: (row) => row.id,
    enableMultiSort: false,
  });
  const frame = useRef<HTMLDivElement>(null);
  const sorted = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const shown = virtual.getVirtualItems();
  const above = shown[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  const headings = table.getHeaderGroups()[0]?.headers ?? [];

  return (
    <div ref={frame} className={classes.frame} style={{ minHeight: leastHeight(sorted.length) }}>
      <table
        className={classes.table}
        aria-rowcount={sorted.length + 1}
        style={{ width: table.getTotalSize() }}
      >
        <colgroup>
          {headings.map((heading) => (
            <col key={heading.id} style={{ width: heading.getSize() }} />
          ))}
        </colgroup>
        <thead>
          <GroupRow headings={headings} />
          <tr aria-rowindex={1}>
            {headings.map((heading) => (
              <HeadCell key={heading.id} heading={heading} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={above} columns={headings.length} />
          {shown.map(({ index }) => {
            const row = sorted[index];
            return row && <JobLine key={row.id} row={row} index={index} />;
          })}
          <Spacer height={below} columns={headings.length} />
        </tbody>
      </table>
    </div>
  );
}

/** Pixels that keep a few rows in sight however low the window is, and no more than there are rows. */
function leastHeight(rows: number): number {
  return 2 * ROW_HEIGHT + Math.min(rows, 4) * ROW_HEIGHT;
}

/** Remembered, so that scrolling draws the rows that come into sight and no others. */
const JobLine = memo(function JobLine({ row, index }: { row: Row<Features, JobRow>; index: number }) {
  return (
    <tr
      aria-rowindex={index + 2}
      data-class="job-table-row"
      className={row.original.status === 'failed' ? 'error' : undefined}
    >
      {row.getAllCells().map((cell) => (
        <td
          key={cell.id}
          {...looks(cell.column.columnDef.meta)}
          data-class={`job-table-cell-with-header-${String(cell.column.columnDef.header)}`}
        >
          <FlexRender cell={cell} />
        </td>
      ))}
    </tr>
  );
});

/** Names the columns of parameters and of metrics; screen readers hear the columns' own names. */
function GroupRow({ headings }: { headings: Heading[] }) {
  const count = (group: string | undefined): number =>
    headings.filter(({ column }) => column.columnDef.meta?.group === group).length;
  const [parameters, metrics] = [count('parameters'), count('metrics')];
  if (parameters + metrics === 0) return null;
  return (
    <tr className={classes.groups} aria-hidden>
      <td colSpan={count(undefined)} />
      {parameters > 0 && (
        <td colSpan={parameters}>
          <span>Parameters</span>
        </td>
      )}
      {metrics > 0 && (
        <td colSpan={metrics}>
          <span>Metrics, last value</span>
        </td>
      )}
    </tr>
  );
}

const HEADER_HOOKS = { parameters: 'param-header', metrics: 'metric-header' };
const ARIA_SORT = { asc: 'ascending', desc: 'descending' } as const;

function HeadCell({ heading: { column } }: { heading: Heading }) {
  const { meta, header } = column.columnDef;
  const name = String(header);
  const direction = column.getIsSorted();
  return (
    <th
      scope="col"
      aria-sort={direction ? ARIA_SORT[direction] : 'none'}
      {...looks(meta)}
      {...(meta?.group && { 'data-class': HEADER_HOOKS[meta.group] })}
    >
      <button type="button" className={classes.sort} title={name} onClick={column.getToggleSortingHandler()}>
        <span className={classes.name}>{name}</span>
        {direction && <Icon name={direction === 'asc' ? 'sortUp' : 'sortDown'} size={12} />}
      </button>
    </th>
  );
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns} className={classes.spacer} style={{ height }} />
    </tr>
  );
}

function looks(meta: { align?: 'end'; pinned?: boolean } | undefined) {
  return { 'data-align': meta?.align, 'data-pinned': meta?.pinned };
}
