import { useState } from 'react';

import type { JobColumn } from './columns';

export interface ActiveCell {
  row: number;
  /** The column's id. */
  column: string;
}

/** Return the id in the document of the cell at which the keyboard is. */
export function cellId(row: number, column: string): string {
  return `cell ${row} ${column}`.replace(/\s/g, '_');
}

interface Grid {
  rows: number;
  columns: JobColumn[];
  scrollTo: (row: number) => void;
  onSelect: (row: number) => void;
  onEnter: (row: number, column: string, where: DOMRect) => void;
}

/** Rows that a page key moves by. */
const LEAP = 15;

/**
 * The cell at which the keyboard is: arrow keys move it, Space selects its job, Enter opens the job or asks about the
 * value. The table itself has the focus, so that one Tab leads past ten thousand rows.
 */
export function useActiveCell(grid: Grid) {
  const [active, setActive] = useState<ActiveCell>();
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = active ?? { row: 0, column: grid.columns[0]?.id ?? '' };
    const next = moved(now, event.key, grid);
    if (next) {
      event.preventDefault();
      setActive(next);
      grid.scrollTo(next.row);
      cellIn(event.currentTarget, next)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      return;
    }
    if (event.key === ' ') {
      event.preventDefault();
      grid.onSelect(now.row);
    }
    const cell = cellIn(event.currentTarget, now);
    if (event.key === 'Enter' && cell) grid.onEnter(now.row, now.column, cell.getBoundingClientRect());
  };
  return {
    active: active && active.row < grid.rows ? active : undefined,
    onKeyDown,
    onFocus: (event: React.FocusEvent) => {
      if (event.target === event.currentTarget && !active && grid.rows > 0) {
        setActive({ row: 0, column: grid.columns[0]?.id ?? '' });
      }
    },
    onBlur: () => {
      setActive(undefined);
    },
  };
}

/** Return the cell of a table, if it is drawn. */
function cellIn(table: Element, { row, column }: ActiveCell): Element | null {
  const name = JSON.stringify(column);
  return table.querySelector(`tr[aria-rowindex="${row + 2}"] > td[data-column=${name}]`);
}

/** Return where a key leads from a cell; undefined for a key that leads nowhere. */
export function moved(
  { row, column }: ActiveCell,
  key: string,
  { rows, columns }: Pick<Grid, 'rows' | 'columns'>,
) {
  const steps: Record<string, readonly [number, number]> = {
    ArrowDown: [1, 0],
    ArrowUp: [-1, 0],
    ArrowRight: [0, 1],
    ArrowLeft: [0, -1],
    PageDown: [LEAP, 0],
    PageUp: [-LEAP, 0],
    Home: [-rows, 0],
    End: [rows, 0],
  };
  const step = steps[key];
  if (!step || rows === 0) return undefined;
  const place = columns.findIndex(({ id }) => id === column);
  return {
    row: within(row + step[0], rows),
    column: columns[within(place + step[1], columns.length)]?.id ?? column,
  };
}

function within(place: number, count: number): number {
  return Math.min(Math.max(place, 0), count - 1);
}
