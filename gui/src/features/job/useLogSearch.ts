import { useDeferredValue, useMemo, useState } from 'react';

import type { LogLines } from './logLines';
import { findError, findLines } from './logSearch';
import type { LogTarget } from './LogView';

export interface LogSearch {
  words: string;
  setWords: (words: string) => void;
  /** How many lines have the words, and which of them the reader is at; -1 is none yet. */
  found: number;
  current: number;
  /** Go to the next place (1), or to the one before (-1). */
  go: (step: 1 | -1) => void;
  goToError: () => void;
  /** The reader asked for an error, and there is none. */
  hasNoError: boolean;
  target: LogTarget | undefined;
}

/** Find words and errors in a log, which may still grow. */
export function useLogSearch(lines: LogLines): LogSearch {
  const [words, setWords] = useState('');
  const [current, setCurrent] = useState(-1);
  const [target, setTarget] = useState<LogTarget>();
  const [hasNoError, setHasNoError] = useState(false);
  const wanted = useDeferredValue(words);
  const { count, dropped } = lines;
  // The lines are one object that grows: their number tells that there are more.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const matches = useMemo(() => findLines(lines, wanted), [lines, wanted, count, dropped]);

  return {
    words,
    setWords: (next) => {
      setWords(next);
      setCurrent(-1);
      setTarget(undefined);
    },
    found: matches.length,
    current,
    go: (step) => {
      if (matches.length === 0) return;
      const next = current < 0 && step > 0 ? 0 : (current + step + matches.length) % matches.length;
      setCurrent(next);
      setTarget({ line: matches[next] ?? 0 });
    },
    goToError: () => {
      const line = findError(lines);
      setHasNoError(line === undefined);
      if (line !== undefined) setTarget({ line });
    },
    hasNoError,
    target,
  };
}
