import { useEffect, useRef } from 'react';

import { usePrinting } from '@/lib/printing';
import { formatCount } from '@/lib/values';

import type { JobWindow } from './api/getJobs';
import { SELECT_WIDTH, type JobColumn } from './columns';
import { JobLine } from './JobLine';
import classes from './JobTable.module.css';
import { JobTableHead, type HeadActions } from './JobTableHead';
import { TableFrame } from './TableFrame';
import type { ColumnOrder } from './tableSearch';
import { cellId, useActiveCell, type ActiveCell } from './useActiveCell';
import { useColumnWindow, widthOf, type ColumnWindow } from './useColumnWindow';
import { useKeptPlace } from './useKeptPlace';
import { ROW_HEIGHT, useRowWindow, type RowWindow } from './useRowWindow';
import type { Selection } from './useSelection';

/** A cell that somebody asks about, and where it is on the screen. */
export interface AskedCell {
  column: string;
  place: number;
  x: number;
  y: number;
}

interface JobTableProps {
  jobs: JobWindow;
  columns: JobColumn[];
  order: ColumnOrder | undefined;
  actions: HeadActions;
  selection: Selection;
  onOpen: (jobId: string) => void;
  onAsk: (cell: AskedCell) => void;
}

/** The table of jobs. Only the rows and columns in sight are read and drawn, so ten thousand scroll like ten. */
export function JobTable({ jobs, columns, order, actions, selection, onOpen, onAsk }: JobTableProps) {
  const frame = useRef<HTMLDivElement>(null);
  useKeptPlace(frame);
  const rows = useRowWindow(jobs.total, frame);
  const window = useColumnWindow(columns, frame);
  const { first, end } = rows;
  const { look } = jobs;
  useEffect(() => {
    look(first, Math.max(first, end - 1));
  }, [look, first, end]);
  const { active, ...keys } = useActiveCell({
    rows: jobs.total,
    columns,
    scrollTo: rows.scrollTo,
    ...rowActions(jobs, selection, onOpen, onAsk),
  });

  return (
    <TableFrame frame={frame} rows={jobs.total}>
      <table
        className={classes.table}
        role="grid"
        aria-label="Jobs"
        aria-rowcount={jobs.total + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable
        aria-activedescendant={active && cellId(active.row, active.column)}
        tabIndex={0}
        style={{ width: widthOf(columns) + SELECT_WIDTH }}
        onClick={(event) => {
          if (!followLink(event, onOpen)) askAbout(event, onAsk);
        }}
        {...keys}
      >
        <Widths window={window} />
        <JobTableHead
          window={window}
          all={columns}
          total={jobs.total}
          order={order}
          actions={actions}
          selection={selection}
        />
        <Lines rows={rows} jobs={jobs} window={window} active={active} selection={selection} />
      </table>
    </TableFrame>
  );
}

interface LinesProps {
  rows: RowWindow;
  jobs: JobWindow;
  window: ColumnWindow;
  active: ActiveCell | undefined;
  selection: Selection;
}

/** The rows in sight, with room for the others above and below. */
function Lines({ rows: { first, end }, jobs, window, active, selection }: LinesProps) {
  const isPrinting = usePrinting();
  if (isPrinting) return <ReadLines jobs={jobs} window={window} selection={selection} />;
  return (
    <tbody>
      <Spacer height={first * ROW_HEIGHT} />
      {Array.from({ length: end - first }, (_, place) => first + place).map((index) => (
        <ShownLine
          key={jobs.jobAt(index)?.job_id ?? index}
          jobs={jobs}
          index={index}
          window={window}
          active={active?.row === index ? active.column : undefined}
          selection={selection}
        />
      ))}
      <Spacer height={(jobs.total - end) * ROW_HEIGHT} />
    </tbody>
  );
}

/** All rows that have been read, on paper, and how many have not. */
function ReadLines({ jobs, window, selection }: Pick<LinesProps, 'jobs' | 'window' | 'selection'>) {
  const places = Array.from({ length: jobs.total }, (_, place) => place).filter(jobs.jobAt);
  return (
    <tbody>
      {places.map((index) => (
        <ShownLine
          key={index}
          jobs={jobs}
          index={index}
          window={window}
          active={undefined}
          selection={selection}
        />
      ))}
      {places.length < jobs.total && (
        <tr>
          <td colSpan={window.columns.length + 1}>
            Here are {formatCount(places.length)} of {formatCount(jobs.total)} jobs, those around what the
            screen showed.
          </td>
        </tr>
      )}
    </tbody>
  );
}

/** What the keyboard does with a row. */
function rowActions(
  jobs: JobWindow,
  selection: Selection,
  onOpen: (jobId: string) => void,
  onAsk: (cell: AskedCell) => void,
) {
  return {
    onSelect: (row: number) => {
      const job = jobs.jobAt(row);
      if (job) selection.toggle(job.job_id);
    },
    onEnter: (row: number, column: string, { left, bottom }: DOMRect) => {
      const job = jobs.jobAt(row);
      if (job && column === 'job_id') onOpen(job.job_id);
      else if (job) onAsk({ column, place: row, x: left, y: bottom });
    },
  };
}

interface ShownLineProps {
  jobs: JobWindow;
  index: number;
  window: ColumnWindow;
  active: string | undefined;
  selection: Selection;
}

function ShownLine({ jobs, index, window, active, selection }: ShownLineProps) {
  const job = jobs.jobAt(index);
  return (
    <JobLine
      job={job}
      readAt={job?.status === 'running' ? jobs.readAt(index) : 0}
      index={index}
      window={window}
      active={active}
      isSelected={job !== undefined && selection.ids.has(job.job_id)}
      onSelect={selection.toggle}
    />
  );
}

/** Open the job whose link was clicked, without loading the page again; returns whether there was one. */
function followLink(event: React.MouseEvent, onOpen: (jobId: string) => void): boolean {
  const jobId = (event.target as HTMLElement).closest<HTMLElement>('a[data-job]')?.dataset['job'];
  if (!jobId) return false;
  const wantsTab = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!wantsTab) {
    event.preventDefault();
    onOpen(jobId);
  }
  return true;
}

/** A click on a value asks about it; one that marks text, or hits a link or a box, does not. */
function askAbout(event: React.MouseEvent, onAsk: (cell: AskedCell) => void): void {
  const target = event.target as HTMLElement;
  const cell = target.closest<HTMLElement>('td[data-column]');
  const row = cell?.parentElement?.getAttribute('aria-rowindex');
  if (!cell || !row || target.closest('a, button, input') || !getSelection()?.isCollapsed) return;
  const { left, bottom } = cell.getBoundingClientRect();
  onAsk({ column: cell.dataset['column'] ?? '', place: Number(row) - 2, x: Math.max(left, 0), y: bottom });
}

function Widths({
  window: { columns, pinned, before, after },
}: {
  window: ReturnType<typeof useColumnWindow>;
}) {
  return (
    <colgroup>
      <col style={{ width: SELECT_WIDTH }} />
      {columns.slice(0, pinned).map(({ id, size }) => (
        <col key={id} style={{ width: size }} />
      ))}
      <col style={{ width: before }} />
      {columns.slice(pinned).map(({ id, size }) => (
        <col key={id} style={{ width: size }} />
      ))}
      <col style={{ width: after }} />
    </colgroup>
  );
}

function Spacer({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td className={classes.spacer} style={{ height }} />
    </tr>
  );
}
