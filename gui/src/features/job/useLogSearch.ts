import { useEffect, useMemo, useState } from 'react';

import type { LogLines } from './logLines';
import { ErrorFinder, WordFinder } from './logSearch';
import type { LogTarget } from './LogView';

export interface LogSearch {
  words: string;
  setWords: (words: string) => void;
  /** How many lines have the words, and which of them the reader is at; -1 is none yet. */
  found: number;
  current: number;
  /** Go to the next place (1), or to the one before (-1). */
  go: (step: 1 | -1) => void;
  /** Undefined while the log has no error. */
  goToError: (() => void) | undefined;
  target: LogTarget | undefined;
}

/** Find words and errors in a log, which may still grow. */
export function useLogSearch(lines: LogLines): LogSearch {
  const [words, setWords] = useState('');
  const [at, setAt] = useState<number>();
  const [target, setTarget] = useState<LogTarget>();
  const [wordFinder] = useState(() => new WordFinder());
  const [errorFinder] = useState(() => new ErrorFinder());
  const version = lines.read();
  // The lines are one object that grows: their version tells that there are more.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const matches = useMemo(() => wordFinder.find(lines, words), [wordFinder, lines, words, version]);
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const error = useMemo(() => errorFinder.find(lines), [errorFinder, lines, version]);
  const isBehind = wordFinder.isBehind(lines) || errorFinder.isBehind(lines);
  useEffect(() => {
    if (isBehind) lines.announce();
  }, [isBehind, lines, version, words]);
  const current = at === undefined ? -1 : matches.indexOf(at);

  const goTo = (line: number): void => {
    setTarget({ line });
  };
  return {
    words,
    setWords: (next) => {
      setWords(next);
      setAt(undefined);
      setTarget(undefined);
    },
    found: matches.length,
    current,
    go: (step) => {
      const next = current < 0 && step > 0 ? 0 : (current + step + matches.length) % matches.length;
      const line = matches[next];
      if (line === undefined) return;
      setAt(line);
      goTo(line);
    },
    goToError:
      error === undefined
        ? undefined
        : () => {
            goTo(error);
          },
    target,
  };
}
