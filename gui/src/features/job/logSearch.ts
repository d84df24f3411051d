/** Finding lines in a log that may still grow: each line is read once, and only so many at a time. Lines are counted from the log's first, 0. */

import type { LogLines } from './logLines';

/** Words without which a line is no error: looking for these alone is fast. */
const SIGN = /Error|Exception|FATAL|CRITICAL|Killed|panic:/;
/** Lines that say that something went wrong, whatever wrote them. */
const ERROR =
  /^(?!\s*at )(?:.*\b)?(?:[A-Za-z_.]*(?:Error|Exception)\b\s*[:(]|FATAL\b|CRITICAL\b|Killed$|panic:)/;
const TRACEBACK = 'Traceback (most recent call last)';

/** Lines that are read at a time: some milliseconds, so that a page with a long log stays quick. */
const AT_ONCE = 50_000;

/** Reads on in a log. */
class Reader {
  private next = 0;

  /** Whether there are finished lines that were not read yet. */
  isBehind({ finished }: LogLines): boolean {
    return this.next < finished;
  }

  /** Read the next of the finished lines. */
  readOn(lines: LogLines, read: (text: string, line: number) => void): void {
    const { dropped, finished } = lines;
    const first = Math.max(this.next, dropped);
    const end = Math.min(first + AT_ONCE, finished);
    for (let line = first; line < end; line += 1) read(lines.line(line - dropped), line);
    this.next = end;
  }
}

/** Finds the lines that contain words. */
export class WordFinder {
  private words = '';
  private reader = new Reader();
  private found: number[] = [];

  /** Whether there are lines that were not read yet. */
  isBehind(lines: LogLines): boolean {
    return this.words !== '' && this.reader.isBehind(lines);
  }

  /** Return the lines, of those that were read so far and are still here, that contain `words` in any case. */
  find(lines: LogLines, words: string): readonly number[] {
    if (words !== this.words) {
      this.words = words;
      this.reader = new Reader();
      this.found = [];
    }
    if (words === '') return [];
    const pattern = new RegExp(words.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i');
    this.reader.readOn(lines, (text, line) => {
      if (pattern.test(text)) this.found.push(line);
    });
    if ((this.found[0] ?? Infinity) < lines.dropped)
      this.found = this.found.filter((line) => line >= lines.dropped);
    const { open } = lines;
    if (this.isBehind(lines)) return this.found;
    return open !== undefined && pattern.test(open) ? [...this.found, lines.finished] : this.found;
  }
}

/** Finds the last error. */
export class ErrorFinder {
  private readonly reader = new Reader();
  private traceback = -1;
  private message = -1;

  /** Whether there are lines that were not read yet. */
  isBehind(lines: LogLines): boolean {
    return this.reader.isBehind(lines);
  }

  /** Return where the last error begins, of the lines that were read so far: its traceback, or else its message; undefined when there is none. */
  find(lines: LogLines): number | undefined {
    this.reader.readOn(lines, (text, line) => {
      if (text.includes(TRACEBACK)) this.traceback = line;
      else if (isError(text)) this.message = line;
    });
    const { open, dropped, finished } = lines;
    if (this.traceback >= dropped) return this.traceback;
    if (open !== undefined && isError(open)) return finished;
    return this.message >= dropped ? this.message : undefined;
  }
}

function isError(text: string): boolean {
  return SIGN.test(text) && ERROR.test(text);
}
