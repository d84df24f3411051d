import { useCallback, useState } from 'react';

import { useLook } from './useLook';

/** Pixels; the same as --row-height. */
export const ROW_HEIGHT = 34;

/** Rows beyond the edges that are drawn too, so that scrolling shows no holes. */
const OVERSCAN = 6;

/** The rows that are drawn, from `first` to before `end`. */
export interface RowWindow {
  first: number;
  end: number;
  /** Bring a row into sight. */
  scrollTo: (row: number) => void;
}

/** Which of many rows of the same height are in sight: only these are drawn. */
export function useRowWindow(total: number, frame: React.RefObject<HTMLElement | null>): RowWindow {
  const [{ top, height }, setSight] = useState({ top: 0, height: 0 });

  const look = useCallback((element: HTMLElement) => {
    const next = { top: Math.floor(element.scrollTop / ROW_HEIGHT), height: element.clientHeight };
    setSight((before) => (before.top === next.top && before.height === next.height ? before : next));
  }, []);
  useLook(frame, look);

  const scrollTo = (row: number): void => {
    if (frame.current) bringIntoSight(frame.current, row);
  };
  const count = Math.ceil(height / ROW_HEIGHT) + 1 + 2 * OVERSCAN;
  const first = Math.max(0, Math.min(top - OVERSCAN, total - count));
  return { first, end: Math.min(total, first + count), scrollTo };
}

/** Scroll no further than it takes to see a row, which the head of the table may hide. */
function bringIntoSight(frame: HTMLElement, row: number): void {
  const head = frame.querySelector('thead')?.clientHeight ?? 0;
  const place = row * ROW_HEIGHT;
  const lowest = place + ROW_HEIGHT + head - frame.clientHeight;
  if (frame.scrollTop > place) frame.scrollTop = place;
  else if (frame.scrollTop < lowest) frame.scrollTop = lowest;
}
