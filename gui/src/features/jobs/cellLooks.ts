import type { ColumnMeta } from './columns';

/** Return the attributes of a cell: which way it is aligned, and where it stays. */
export function looks(meta: ColumnMeta | undefined) {
  const { align, left } = meta ?? {};
  return {
    'data-align': align,
    'data-pinned': left === undefined ? undefined : true,
    style: left === undefined ? undefined : { left },
  };
}
