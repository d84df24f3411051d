/** Words of an axis that has no numbers alone: each stands for one value. */

import { formatDistinct } from '@/lib/values';
import type { Value } from '@/types/api';

/** Return what a value is called on an axis, and in an address: a text is itself, anything else follows a `=`. */
export function wordOf(value: Value): string {
  if (typeof value !== 'string') return `=${JSON.stringify(value)}`;
  return value.startsWith('=') ? `=${value}` : value;
}

/** Return the value that is called so. */
export function valueOfWord(word: string): Value {
  if (!word.startsWith('=')) return word;
  if (word.startsWith('==')) return word.slice(1);
  try {
    return JSON.parse(word.slice(1)) as Value;
  } catch {
    return word; // an address may say anything
  }
}

/** Return a word as people read it. */
export function shownWord(word: string): string {
  return formatDistinct(valueOfWord(word));
}
