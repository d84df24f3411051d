import { useCallback, useState } from 'react';

import classes from './JobTable.module.css';
import { useLook } from './useLook';
import { ROW_HEIGHT } from './useRowWindow';

interface TableFrameProps {
  frame: React.RefObject<HTMLDivElement | null>;
  rows: number;
  children: React.ReactNode;
}

/** What the table scrolls in. Its right edge fades while there is more beyond it, where a name would seem whole. */
export function TableFrame({ frame, rows, children }: TableFrameProps) {
  const [bar, setBar] = useState<number>();
  const look = useCallback((element: HTMLElement) => {
    const { scrollLeft, scrollWidth, clientWidth, offsetWidth } = element;
    setBar(scrollLeft + clientWidth < scrollWidth - 1 ? offsetWidth - clientWidth : undefined);
  }, []);
  useLook(frame, look);
  return (
    <div className={classes.outer} style={{ minHeight: leastHeight(rows) }}>
      <div ref={frame} className={classes.frame} data-class="job-table">
        {children}
      </div>
      {bar !== undefined && <div className={classes.edge} style={{ right: bar - 1 }} aria-hidden />}
    </div>
  );
}

/** Pixels that keep a few rows in sight however low the window is, and no more than there are rows. */
function leastHeight(rows: number): number {
  return ROW_HEIGHT + Math.min(rows, 4) * ROW_HEIGHT;
}
