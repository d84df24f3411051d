import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';

import { formatCount } from '@/lib/values';

import type { LogLines } from './logLines';
import classes from './LogView.module.css';

/** Pixels; the same as the line height of the text. */
const LINE_HEIGHT = 20;
/** A reader this near to the end, in pixels, is at the end. */
const NEAR = 30;

/** The lines of a log. Only those in sight are in the document. Stays at the end until the reader scrolls up. */
export function LogView({ lines }: { lines: LogLines }) {
  const frame = useRef<HTMLDivElement>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const { count, dropped } = lines;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20,
  });

  const goToEnd = (): void => {
    frame.current?.scrollTo({ top: frame.current.scrollHeight });
  };

  useEffect(() => {
    if (isAtEnd) goToEnd();
  }, [count, isAtEnd]);

  return (
    <div className={classes.frame} data-class="logs-container">
      {dropped > 0 && (
        <p className={classes.dropped}>
          The first {formatCount(dropped)} lines are not shown; the download has them all.
        </p>
      )}
      <div
        ref={frame}
        className={classes.scroll}
        role="log"
        aria-label="Log"
        aria-live="off"
        // Scrolled with the keyboard too, hence within its reach.
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          setIsAtEnd(scrollHeight - scrollTop - clientHeight < NEAR);
        }}
      >
        <div
          className={classes.lines}
          style={{ height: virtual.getTotalSize(), minWidth: `calc(${lines.width}ch + 84px)` }}
        >
          {virtual.getVirtualItems().map(({ index, start }) => (
            <div key={index} className={classes.line} style={{ transform: `translateY(${start}px)` }}>
              <span className={classes.number} data-number={dropped + index + 1} />
              {lines.line(index)}
            </div>
          ))}
        </div>
      </div>
      {!isAtEnd && (
        <Button className={classes.end} size="xs" variant="default" onClick={goToEnd}>
          Go to the end
        </Button>
      )}
    </div>
  );
}
