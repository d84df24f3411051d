import { useCallback, useMemo, useState } from 'react';

import { SELECT_WIDTH, type JobColumn } from './columns';
import { useLook } from './useLook';

/** Columns beyond the edges that are drawn too, so that scrolling sideways shows no holes. */
const OVERSCAN = 2;

/** Pixels of scrolling sideways after which other columns may be drawn. */
const STEP = 80;

export interface ColumnWindow {
  /** The columns that are drawn, pinned ones first. */
  columns: JobColumn[];
  /** Of these, so many stay in sight. */
  pinned: number;
  /** Pixels of the columns before and behind those that are drawn. */
  before: number;
  after: number;
}

/** Which columns are in sight: of a hundred a screen shows fifteen, and only these are drawn. */
export function useColumnWindow(
  columns: JobColumn[],
  frame: React.RefObject<HTMLElement | null>,
): ColumnWindow {
  const [sight, setSight] = useState<readonly [number, number]>([0, 1600]);

  // In steps, so that scrolling does not draw the table at each pixel.
  const look = useCallback((element: HTMLElement) => {
    const next = [rounded(element.scrollLeft), rounded(element.clientWidth) + STEP] as const;
    setSight((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
  }, []);
  useLook(frame, look);

  // The same object while the same columns are in sight: the head and the rows are drawn anew for another one.
  return useMemo(() => windowOf(columns, ...sight), [columns, sight]);
}

function windowOf(columns: JobColumn[], scrolled: number, width: number): ColumnWindow {
  const pinned = columns.filter(({ left }) => left !== undefined);
  const free = columns.slice(pinned.length);
  const [first, last] = rangeInSight(columns, scrolled, width);
  return {
    columns: [...pinned, ...free.slice(first, last + 1)],
    pinned: pinned.length,
    before: widthOf(free.slice(0, first)),
    after: widthOf(free.slice(last + 1)),
  };
}

function rounded(pixels: number): number {
  return Math.floor(pixels / STEP) * STEP;
}

/** Return the first and the last of the columns that are not pinned between two edges. */
export function rangeInSight(
  columns: JobColumn[],
  scrolled: number,
  width: number,
): readonly [number, number] {
  const pinned = columns.filter(({ left }) => left !== undefined);
  const free = columns.slice(pinned.length);
  const room = width - SELECT_WIDTH - widthOf(pinned);
  let [edge, first, last] = [0, 0, free.length - 1];
  free.forEach(({ size }, index) => {
    if (edge + size <= scrolled) first = index + 1;
    if (edge < scrolled + room) last = index;
    edge += size;
  });
  return [Math.max(0, first - OVERSCAN), Math.min(free.length - 1, last + OVERSCAN)];
}

export function widthOf(columns: JobColumn[]): number {
  return columns.reduce((sum, { size }) => sum + size, 0);
}
