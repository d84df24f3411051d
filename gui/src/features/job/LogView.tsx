import { Button } from '@mantine/core';

import { usePrinting } from '@/lib/printing';
import { formatClock, formatFullMoment } from '@/lib/time';
import { formatCount } from '@/lib/values';

import { markWords, type Span } from './ansi';
import type { LogLines } from './logLines';
import classes from './LogView.module.css';
import { LINE_HEIGHT, useLogSight, type LogTarget } from './useLogSight';

export type { LogTarget } from './useLogSight';

/** So many lines, the last ones, are printed: a hundred pages. */
const PRINTED = 6000;

interface LogViewProps {
  lines: LogLines;
  /** Words to mark, in lower case. */
  words: string;
  target: LogTarget | undefined;
  /** Shows when each line arrived, where that is known. */
  showsTimes: boolean;
}

/** Digits for which the numbers of lines have room at least. */
const DIGITS = 4;
/** Pixels that the time before the text takes. */
const TIMES = 76;

/** The lines of a log. Only those in sight are in the document. Stays at the end until the reader goes elsewhere. */
export function LogView({ lines, words, target, showsTimes }: LogViewProps) {
  const { frame, sight, follows, goToEnd, onScroll } = useLogSight(lines, target);
  const { count, dropped } = lines;
  const isPrinting = usePrinting();
  const unprinted = isPrinting ? Math.max(0, count - PRINTED) : 0;
  const from = isPrinting ? unprinted : sight.from;
  const end = isPrinting ? count : Math.min(sight.end, count);
  const digits = Math.max(DIGITS, String(dropped + count).length);
  return (
    <div className={classes.frame} data-class="logs-container">
      <Dropped lines={dropped + unprinted} isPrinted={isPrinting} />
      <div
        ref={frame}
        className={classes.scroll}
        role="log"
        aria-label="Log"
        aria-live="off"
        // Scrolled with the keyboard too, hence within its reach.
        tabIndex={0}
        onScroll={onScroll}
      >
        <div
          className={classes.lines}
          style={{
            height: count * LINE_HEIGHT,
            minWidth: `calc(${lines.width + digits}ch + ${showsTimes ? 36 + TIMES : 36}px)`,
            ['--digits' as string]: digits,
          }}
        >
          <div className={classes.sight} style={{ top: from * LINE_HEIGHT }}>
            {Array.from({ length: Math.max(0, end - from) }, (_, place) => (
              <LogLine
                key={dropped + from + place}
                {...{ lines, words, showsTimes }}
                index={from + place}
                isTarget={target?.line === dropped + from + place}
              />
            ))}
          </div>
        </div>
      </div>
      {!follows && (
        <Button className={classes.end} size="xs" variant="default" onClick={goToEnd}>
          Follow the end
        </Button>
      )}
    </div>
  );
}

interface LogLineProps extends Pick<LogViewProps, 'lines' | 'words' | 'showsTimes'> {
  index: number;
  isTarget: boolean;
}

function LogLine({ lines, words, showsTimes, index, isTarget }: LogLineProps) {
  return (
    <div className={classes.line} data-target={isTarget || undefined}>
      <LineHead number={lines.dropped + index + 1} at={lines.time(index)} showsTime={showsTimes} />
      <LogText spans={markWords(lines.spans(index), words)} />
    </div>
  );
}

function Dropped({ lines, isPrinted }: { lines: number; isPrinted: boolean }) {
  if (lines === 0) return null;
  return (
    <p className={classes.dropped}>
      The first {formatCount(lines)} lines are not {isPrinted ? 'printed' : 'shown'}; the download has them
      all.
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
      style={styleOf(colour)}
      data-bold={looks.isBold || undefined}
      data-dim={looks.isDim || undefined}
      data-italic={looks.isItalic || undefined}
      data-underlined={looks.isUnderlined || undefined}
      data-own={typeof colour === 'string' || undefined}
    >
      {text}
    </Element>
  );
}

/**
 * The bright half of the sixteen is the other half: both are chosen to be read on the page's paper. Any other colour
 * was chosen for somebody's dark or light terminal: the style makes it one that can be read here.
 */
function styleOf(colour: number | string | undefined): React.CSSProperties | undefined {
  if (typeof colour === 'number') return { color: `var(--ansi-${colour % 8})` };
  return colour === undefined ? undefined : { ['--own' as string]: colour };
}
