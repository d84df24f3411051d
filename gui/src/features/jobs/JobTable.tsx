import { FlexRender, useTable, type Row } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useRef } from 'react';

import { looks } from './cellLooks';
import { features, SELECT_WIDTH, type JobColumn } from './columns';
import classes from './JobTable.module.css';
import { JobTableHead } from './JobTableHead';
import type { JobRow } from './rows';
import type { ColumnOrder } from './tableSearch';
import type { Selection } from './useSelection';

/** Pixels; the same as --row-height. */
const ROW_HEIGHT = 34;

interface JobTableProps {
  rows: JobRow[];
  columns: JobColumn[];
  order: ColumnOrder[];
  onOrder: (order: ColumnOrder[]) => void;
  onWidth: (column: string, width: number | undefined) => void;
  selection: Selection;
}

/** The table of jobs. Only the rows in sight are in the document, so ten thousand scroll like ten. */
export function JobTable({ rows, columns, order, onOrder, onWidth, selection }: JobTableProps) {
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
  const headings = table.getHeaderGroups()[0]?.headers ?? [];
  const span = headings.length + 1;

  return (
    <div ref={frame} className={classes.frame} style={{ minHeight: leastHeight(sorted.length) }}>
      <table
        className={classes.table}
        aria-rowcount={sorted.length + 1}
        style={{ width: table.getTotalSize() + SELECT_WIDTH }}
      >
        <colgroup>
          <col style={{ width: SELECT_WIDTH }} />
          {headings.map((heading) => (
            <col key={heading.id} style={{ width: heading.getSize() }} />
          ))}
        </colgroup>
        <JobTableHead headings={headings} rows={rows} selection={selection} onWidth={onWidth} />
        <tbody>
          <Spacer height={shown[0]?.start ?? 0} columns={span} />
          {shown.map(({ index }) => {
            const row = sorted[index];
            return (
              row && (
                <JobLine
                  key={row.id}
                  row={row}
                  index={index}
                  isSelected={selection.ids.has(row.id)}
                  onSelect={selection.toggle}
                />
              )
            );
          })}
          <Spacer height={virtual.getTotalSize() - (shown.at(-1)?.end ?? 0)} columns={span} />
        </tbody>
      </table>
    </div>
  );
}

/** Pixels that keep a few rows in sight however low the window is, and no more than there are rows. */
function leastHeight(rows: number): number {
  return 2 * ROW_HEIGHT + Math.min(rows, 4) * ROW_HEIGHT;
}

interface JobLineProps {
  row: Row<typeof features, JobRow>;
  index: number;
  isSelected: boolean;
  onSelect: (jobId: string) => void;
}

/** Remembered, so that scrolling draws the rows that come into sight and no others. */
const JobLine = memo(function JobLine({ row, index, isSelected, onSelect }: JobLineProps) {
  return (
    <tr
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-class="job-table-row"
      className={row.original.status === 'failed' ? 'error' : undefined}
    >
      <td className={classes.select} style={{ left: 0 }} data-pinned>
        <input
          type="checkbox"
          aria-label={`Select job ${row.id}`}
          checked={isSelected}
          onChange={() => {
            onSelect(row.id);
          }}
        />
      </td>
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

function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns} className={classes.spacer} style={{ height }} />
    </tr>
  );
}
