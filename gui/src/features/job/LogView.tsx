import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';

import { usePrinting } from '@/lib/printing';
import { formatClock, formatFullMoment } from '@/lib/time';
import { formatCount } from '@/lib/values';

import { markWords, type Span } from './ansi';
import type { LogLines } from './logLines';
import classes from './LogView.module.css';

/** Pixels; the same as the line height of the text. */
const LINE_HEIGHT = 20;
/** A reader this near to the end, in pixels, is at the end. */
const NEAR = 30;
/** So many lines, the last ones, are printed: a hundred pages. */
const PRINTED = 6000;

/** A line to go to. A new object goes there again. */
export interface LogTarget {
  line: number;
}

interface LogViewProps {
  lines: LogLines;
  /** Words to mark, in lower case. */
  words: string;
  target: LogTarget | undefined;
  /** Shows when each line arrived, where that is known. */
  showsTimes: boolean;
}

/** Pixels that the columns before the text take. */
const NUMBERS = 84;
const TIMES = 76;

/** The lines of a log. Only those in sight are in the document. Stays at the end until the reader goes elsewhere. */
export function LogView({ lines, words, target, showsTimes }: LogViewProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const { count, dropped } = lines;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20,
  });

  const isPrinting = usePrinting();
  const unprinted = isPrinting ? Math.max(0, count - PRINTED) : 0;
  const drawn = isPrinting ? placesFrom(unprinted, count) : virtual.getVirtualItems();

  const goToEnd = (): void => {
    frame.current?.scrollTo({ top: frame.current.scrollHeight });
  };

  useEffect(() => {
    if (isAtEnd) goToEnd();
  }, [count, isAtEnd]);

  useEffect(() => {
    if (target) virtual.scrollToIndex(target.line, { align: 'center' });
  }, [target, virtual]);

  return (
    <div className={classes.frame} data-class="logs-container">
      <Dropped lines={dropped + unprinted} />
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
          style={{ height: virtual.getTotalSize(), minWidth: widthOf(lines, showsTimes) }}
        >
          {drawn.map(({ index, start }) => (
            <LogLine
              key={index}
              {...{ lines, words, showsTimes, index, start }}
              isTarget={target?.line === index}
            />
          ))}
        </div>
      </div>
      {!isAtEnd && (
        <Button className={classes.end} size="xs" variant="default" onClick={goToEnd}>
          Follow the end
        </Button>
      )}
    </div>
  );
}

interface LogLineProps extends Pick<LogViewProps, 'lines' | 'words' | 'showsTimes'> {
  index: number;
  /** Pixels above it. */
  start: number;
  isTarget: boolean;
}

function LogLine({ lines, words, showsTimes, index, start, isTarget }: LogLineProps) {
  return (
    <div
      className={classes.line}
      style={{ transform: `translateY(${start}px)` }}
      data-target={isTarget || undefined}
    >
      <LineHead number={lines.dropped + index + 1} at={lines.time(index)} showsTime={showsTimes} />
      <LogText spans={markWords(lines.spans(index), words)} />
    </div>
  );
}

/** All places, for paper, which cannot be scrolled. */
function placesFrom(first: number, end: number): { index: number; start: number }[] {
  return Array.from({ length: end - first }, (_, place) => ({ index: first + place, start: 0 }));
}

/** The width that holds the longest line. */
function widthOf(lines: LogLines, showsTimes: boolean): string {
  return `calc(${lines.width}ch + ${NUMBERS + (showsTimes ? TIMES : 0)}px)`;
}

function Dropped({ lines }: { lines: number }) {
  if (lines === 0) return null;
  return (
    <p className={classes.dropped}>
      The first {formatCount(lines)} lines are not shown; the download has them all.
    </p>
  );
}

function LineHead({ number, at, showsTime }: { number: number; at: number | undefined; showsTime: boolean }) {
  const time = at === undefined ? {} : { 'data-time': formatClock(at), title: formatFullMoment(at) };
  return (
    <>
      <span className={classes.number} data-number={number} />
      {showsTime && <span className={classes.time} {...time} />}
    </>
  );
}

function LogText({ spans }: { spans: (Span & { isMarked?: boolean })[] }) {
  return (
    <>
      {spans.map((span, index) => (
        <Piece key={index} span={span} />
      ))}
    </>
  );
}

function Piece({ span: { text, isMarked, colour, ...looks } }: { span: Span & { isMarked?: boolean } }) {
  const Element = isMarked ? 'mark' : 'span';
  return (
    <Element
      style={colour === undefined ? undefined : { color: cssColour(colour) }}
      data-bold={looks.isBold || undefined}
      data-dim={looks.isDim || undefined}
      data-italic={looks.isItalic || undefined}
      data-underlined={looks.isUnderlined || undefined}
    >
      {text}
    </Element>
  );
}

/** The bright half of the sixteen is the other half: both are chosen to be read on the page's paper. */
function cssColour(colour: number | string): string {
  return typeof colour === 'number' ? `var(--ansi-${colour % 8})` : colour;
}
