import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';

import { Icon } from '@/components/Icon';
import { compareKeys, sortKey } from '@/lib/compare';
import { parseCsv } from '@/lib/csv';
import { formatCount } from '@/lib/values';

import classes from './viewers.module.css';

/** Pixels; the same as in the style. */
const ROW_HEIGHT = 30;
const NARROWEST = 110;

interface Order {
  column: number;
  isDescending: boolean;
}

/** A table that was saved as text. */
export function TableViewer({ text, separator }: { text: string; separator: string }) {
  const { head, rows } = useMemo(() => parseCsv(text, separator), [text, separator]);
  const [order, setOrder] = useState<Order>();
  const isNumber = useMemo(
    () => head.map((_, column) => rows.slice(0, 50).every((row) => isNumeric(row[column] ?? ''))),
    [head, rows],
  );
  const sorted = useMemo(() => inOrder(rows, order, isNumber), [rows, order, isNumber]);
  const columns = head.map((name, column): Column => ({
    name: name || `column ${column + 1}`,
    isNumber: isNumber[column] ?? false,
  }));
  return (
    <>
      <p className={classes.note}>
        {formatCount(rows.length)} rows, {formatCount(head.length)} columns
      </p>
      <Rows columns={columns} rows={sorted} order={order} onOrder={setOrder} />
    </>
  );
}

interface Column {
  name: string;
  isNumber: boolean;
}

interface RowsProps {
  columns: Column[];
  rows: string[][];
  order: Order | undefined;
  onOrder: (order: Order) => void;
}

/** The table itself. Only the rows in sight are in the document. */
function Rows({ columns, rows, order, onOrder }: RowsProps) {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const minWidth = columns.length * NARROWEST;
  const layout = { gridTemplateColumns: `repeat(${columns.length}, minmax(${NARROWEST}px, 1fr))`, minWidth };
  return (
    <div
      ref={frame}
      className={classes.table}
      role="table"
      aria-label="Table"
      aria-rowcount={rows.length + 1}
      tabIndex={0}
    >
      <div role="rowgroup" className={classes.head} style={{ minWidth }}>
        <div role="row" className={classes.row} style={layout}>
          {columns.map((column, place) => (
            <HeadCell
              key={place}
              {...column}
              order={order?.column === place ? order : undefined}
              onOrder={(isDescending) => {
                onOrder({ column: place, isDescending });
              }}
            />
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        className={classes.rows}
        style={{ position: 'relative', height: virtual.getTotalSize(), minWidth }}
      >
        {virtual.getVirtualItems().map(({ index, start }) => (
          <div
            key={index}
            role="row"
            aria-rowindex={index + 2}
            className={classes.row}
            style={{ ...layout, transform: `translateY(${start}px)` }}
          >
            <Cells columns={columns} row={rows[index] ?? []} />
          </div>
        ))}
      </div>
    </div>
  );
}

function Cells({ columns, row }: { columns: Column[]; row: string[] }) {
  return columns.map(({ isNumber }, place) => (
    <span
      key={place}
      role="cell"
      className={classes.cell}
      title={row[place]}
      data-number={isNumber || undefined}
    >
      {row[place]}
    </span>
  ));
}

interface HeadCellProps {
  name: string;
  isNumber: boolean;
  order: Order | undefined;
  onOrder: (isDescending: boolean) => void;
}

function HeadCell({ name, isNumber, order, onOrder }: HeadCellProps) {
  const sorted = order && (order.isDescending ? 'descending' : 'ascending');
  return (
    <span role="columnheader" aria-sort={sorted ?? 'none'} style={{ display: 'grid' }}>
      <button
        type="button"
        title={name}
        data-number={isNumber || undefined}
        onClick={() => {
          onOrder(order ? !order.isDescending : isNumber);
        }}
      >
        <span className={classes.cell} style={{ padding: 0 }}>
          {name}
        </span>
        {order && <Icon name={order.isDescending ? 'sortDown' : 'sortUp'} size={12} />}
      </button>
    </span>
  );
}

function isNumeric(text: string): boolean {
  return (
    text.trim() === '' || !Number.isNaN(Number(text)) || /^[+-]?(?:nan|inf(?:inity)?)$/i.test(text.trim())
  );
}

function inOrder(rows: string[][], order: Order | undefined, isNumber: boolean[]): string[][] {
  if (!order) return rows;
  const { column, isDescending } = order;
  const keyOf = (row: string[]) => {
    const text = row[column] ?? '';
    return sortKey(isNumber[column] && text !== '' ? Number(text) : text);
  };
  const keyed = rows.map((row) => ({ row, key: keyOf(row) }));
  const sign = isDescending ? -1 : 1;
  keyed.sort((left, right) => {
    if (left.key === undefined || right.key === undefined)
      return Number(left.key === undefined) - Number(right.key === undefined);
    return sign * compareKeys(left.key, right.key);
  });
  return keyed.map(({ row }) => row);
}
