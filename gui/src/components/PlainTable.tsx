import classes from './PlainTable.module.css';

interface PlainTableProps {
  /** Says what the table is to who cannot see it. */
  label: string;
  /** The row of the head. */
  head: React.ReactNode;
  /** The other rows, each with a `th` at its beginning. */
  children: React.ReactNode;
}

/**
 * A table that scrolls in a frame of its own while its head and its first column stay. Long cells are cut: the whole
 * text belongs into their title. A cell with `data-tight` is no wider than it must be, one with `data-faint` is less
 * than its neighbours.
 */
export function PlainTable({ label, head, children }: PlainTableProps) {
  return (
    <div className={classes.frame} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table}>
        <thead>{head}</thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
