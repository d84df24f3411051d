/** Reading JSON without losing what a number of the language cannot hold. */

import type { Value } from '@/types/api';

/** What a number becomes that would read otherwise than it is written: a text that begins with this. */
const MARK = '\u0000number ';
const TOKENS = /"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Return the JSON in `text`, in which long numbers are kept as they are written; undefined when it is none. */
export function parseExact(text: string): Value | undefined {
  const keep = (): string =>
    text.replace(TOKENS, (token) =>
      token.startsWith('"') || String(Number(token)) === token ? token : JSON.stringify(MARK + token),
    );
  try {
    JSON.parse(text); // what is marked might be JSON where this is none
    return JSON.parse(keep()) as Value;
  } catch {
    return undefined;
  }
}

/** Return the digits of a number that was kept as it is written; undefined for any other value. */
export function writtenNumber(value: Value): string | undefined {
  return typeof value === 'string' && value.startsWith(MARK) ? value.slice(MARK.length) : undefined;
}
