import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';

import { Icon } from '@/components/Icon';
import { compareKeys, sortKey } from '@/lib/compare';
import { parseCsv } from '@/lib/csv';
import { formatCount } from '@/lib/values';

import classes from './viewers.module.css';

/** Pixels; the same as in the style. */
const ROW_HEIGHT = 30;

interface Order {
  column: number;
  isDescending: boolean;
}

/** A table that was saved as text. Only the rows in sight are in the document. */
export function TableViewer({ text, separator }: { text: string; separator: string }) {
  const { head, rows } = useMemo(() => parseCsv(text, separator), [text, separator]);
  const [order, setOrder] = useState<Order>();
  const isNumber = useMemo(
    () => head.map((_, column) => rows.slice(0, 50).every((row) => isNumeric(row[column] ?? ''))),
    [head, rows],
  );
  const sorted = useMemo(() => inOrder(rows, order, isNumber), [rows, order, isNumber]);
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const layout = { gridTemplateColumns: `repeat(${head.length}, minmax(110px, 1fr))`, minWidth: head.length * 110 };
  return (
    <>
      <p className={classes.note}>
        {formatCount(rows.length)} rows, {formatCount(head.length)} columns
      </p>
      <div
        ref={frame}
        className={classes.table}
        role="table"
        aria-label="Table"
        aria-rowcount={rows.length + 1}
        tabIndex={0}
      >
        <div role="rowgroup" className={classes.head} style={{ minWidth: layout.minWidth }}>
          <div role="row" className={classes.row} style={layout}>
            {head.map((name, column) => (
              <HeadCell
                key={column}
                name={name}
                isNumber={isNumber[column] ?? false}
                order={order?.column === column ? order : undefined}
                onOrder={(isDescending) => {
                  setOrder({ column, isDescending });
                }}
              />
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          className={classes.rows}
          style={{ position: 'relative', height: virtual.getTotalSize(), minWidth: layout.minWidth }}
        >
          {virtual.getVirtualItems().map(({ index, start }) => (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 2}
              className={classes.row}
              style={{ ...layout, transform: `translateY(${start}px)` }}
            >
              {head.map((_, column) => (
                <span
                  key={column}
                  role="cell"
                  className={classes.cell}
                  title={sorted[index]?.[column]}
                  data-number={isNumber[column] || undefined}
                >
                  {sorted[index]?.[column]}
                </span>
              ))}
            </div>
          ))}
        </div>
      </div>
    </>
  );
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
  return text.trim() === '' || !Number.isNaN(Number(text)) || /^[+-]?(?:nan|inf(?:inity)?)$/i.test(text.trim());
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
