import { memo } from 'react';

import type { JobSummary } from '@/types/api';

import type { JobCell } from './cells';
import type { JobColumn } from './columns';
import classes from './JobTable.module.css';
import { cellId } from './useActiveCell';
import type { ColumnWindow } from './useColumnWindow';

interface JobLineProps {
  /** undefined while it is being read. */
  job: JobSummary | undefined;
  readAt: number;
  index: number;
  window: ColumnWindow;
  /** The column at which the keyboard is. */
  active: string | undefined;
  isSelected: boolean;
  onSelect: (jobId: string) => void;
}

/** One job of the table. Remembered, so that scrolling draws the rows that come into sight and no others. */
export const JobLine = memo(
  function JobLine({ job, readAt, index, window, active, isSelected, onSelect }: JobLineProps) {
    const { columns, pinned } = window;
    const cells = columns.map((column) =>
      cellOf({ column, job, readAt, index, isActive: active === column.id }),
    );
    return (
      <tr
        aria-rowindex={index + 2}
        aria-selected={isSelected}
        data-class="job-table-row"
        className={job?.status === 'failed' ? 'error' : undefined}
      >
        <td className={classes.select} style={{ left: 0 }} data-pinned>
          {job && (
            <input
              type="checkbox"
              tabIndex={-1}
              aria-label={`Select job ${job.job_id}`}
              checked={isSelected}
              onChange={() => {
                onSelect(job.job_id);
              }}
            />
          )}
        </td>
        {cells.slice(0, pinned)}
        <td className={classes.gap} aria-hidden />
        {cells.slice(pinned)}
        <td className={classes.gap} aria-hidden />
      </tr>
    );
  },
  (before, now) =>
    before.job === now.job &&
    before.index === now.index &&
    before.active === now.active &&
    before.isSelected === now.isSelected &&
    before.onSelect === now.onSelect &&
    hasSameColumns(before.window, now.window),
);

/** Whether the same columns are drawn; their widths are the business of the table's head. */
function hasSameColumns(one: ColumnWindow, other: ColumnWindow): boolean {
  return (
    one === other ||
    (one.pinned === other.pinned &&
      one.columns.length === other.columns.length &&
      one.columns.every((column, place) => column === other.columns[place]))
  );
}

/** Return a cell. No component of its own: a screen has hundreds of cells, and each component would cost a little more. */
function cellOf({ column, job, readAt, index, isActive }: CellFacts): React.ReactNode {
  const { id, align, left, header, size } = column;
  const { content, title, isMissing, width = Infinity } = job ? column.cellOf(job, readAt) : UNREAD;
  return (
    <td
      key={id}
      id={isActive ? cellId(index, id) : undefined}
      title={title}
      data-column={id}
      data-align={align}
      data-active={isActive || undefined}
      data-missing={isMissing}
      data-cut={width > size || undefined}
      data-pinned={left === undefined ? undefined : true}
      data-class={`job-table-cell-with-header-${header}`}
      style={left === undefined ? undefined : { left }}
    >
      {content}
    </td>
  );
}

interface CellFacts {
  column: JobColumn;
  job: JobSummary | undefined;
  readAt: number;
  index: number;
  isActive: boolean;
}

const UNREAD: JobCell = { content: <span className={classes.unread} aria-label="Being read" />, width: 0 };
