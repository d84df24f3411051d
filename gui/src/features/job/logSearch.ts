/** Finding lines in a log. */

import type { LogLines } from './logLines';

/** Lines that say that something went wrong, whatever wrote them. */
const ERROR =
  /^(?!\s*at )(?:.*\b)?(?:[A-Za-z_.]*(?:Error|Exception)\b\s*[:(]|FATAL\b|CRITICAL\b|Killed$|panic:)/;
const TRACEBACK = 'Traceback (most recent call last)';

/** Return the lines that contain `words`, in any case. */
export function findLines(lines: LogLines, words: string): number[] {
  const wanted = words.toLowerCase();
  if (wanted === '') return [];
  const found: number[] = [];
  for (let index = 0; index < lines.count; index += 1) {
    if (lines.line(index).toLowerCase().includes(wanted)) found.push(index);
  }
  return found;
}

/** Return where the last error begins: its traceback, or else its message; undefined when there is none. */
export function findError(lines: LogLines): number | undefined {
  let message: number | undefined;
  for (let index = lines.count - 1; index >= 0; index -= 1) {
    const line = lines.line(index);
    if (line.includes(TRACEBACK)) return index;
    if (message === undefined && ERROR.test(line)) message = index;
  }
  return message;
}
