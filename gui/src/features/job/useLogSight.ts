import { useCallback, useLayoutEffect, useRef, useState, type RefObject, type UIEvent } from 'react';

import type { LogLines } from './logLines';

/** Pixels; the same as the line height of the text. A million lines are then as high as every browser draws them. */
export const LINE_HEIGHT = 17;
/** A reader this near to the end, in pixels, is at the end. */
const NEAR = 30;
/** Lines above and below those in sight that are drawn too. */
const BEYOND = 30;
/** What is drawn before it is known how high the frame is. */
const FIRST: LogSight = { from: 0, end: 120 };

/** A line to go to, counted from the log's first. A new object goes there again. */
export interface LogTarget {
  line: number;
}

/** The places, among the lines that are here, of those that are drawn. */
interface LogSight {
  from: number;
  end: number;
}

interface LogScroll {
  frame: RefObject<HTMLDivElement | null>;
  sight: LogSight;
  /** Whether the reader is at the end, and stays there while the log grows. */
  follows: boolean;
  goToEnd: () => void;
  onScroll: (event: UIEvent<HTMLDivElement>) => void;
}

/** Follow which lines a reader has in sight. Only who scrolls up leaves the end: the log may grow faster than it is drawn. */
export function useLogSight(lines: LogLines, target: LogTarget | undefined): LogScroll {
  const frame = useRef<HTMLDivElement>(null);
  const place = useRef({ follows: true, top: 0, dropped: 0 });
  const [sight, setSight] = useState(FIRST);
  const [follows, setFollows] = useState(true);
  const { count, dropped } = lines;

  const look = useCallback((element: HTMLElement) => {
    const { scrollTop, clientHeight, scrollHeight } = element;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR;
    if (isNear) place.current.follows = true;
    else if (scrollTop < place.current.top) place.current.follows = false;
    place.current.top = scrollTop;
    setFollows(place.current.follows);
    setSight((before) => moved(before, scrollTop, clientHeight));
  }, []);

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const gone = dropped - place.current.dropped;
    place.current.dropped = dropped;
    if (place.current.follows) element.scrollTop = element.scrollHeight;
    else if (gone > 0) {
      // The lines that are read stay where they are.
      element.scrollTop -= gone * LINE_HEIGHT;
      place.current.top = element.scrollTop;
    }
  }, [count, dropped]);

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element || !target) return;
    place.current.follows = false;
    const middle = (element.clientHeight - LINE_HEIGHT) / 2;
    element.scrollTop = (target.line - place.current.dropped) * LINE_HEIGHT - middle;
    // Where nothing needs to be scrolled, no event tells that the reader is at the end all the same.
    look(element);
  }, [target, look]);

  return {
    frame,
    sight,
    follows,
    goToEnd: () => {
      place.current.follows = true;
      frame.current?.scrollTo({ top: frame.current.scrollHeight });
    },
    onScroll: ({ currentTarget }) => {
      look(currentTarget);
    },
  };
}

function moved(before: LogSight, top: number, height: number): LogSight {
  const from = Math.max(0, Math.floor(top / LINE_HEIGHT) - BEYOND);
  const end = Math.ceil((top + height) / LINE_HEIGHT) + BEYOND;
  return before.from === from && before.end === end ? before : { from, end };
}
