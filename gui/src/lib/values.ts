/** Values that people log: their numbers, and how they read. */

import type { Value } from '@/types/api';

const NON_FINITE = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** Return the number that a logged value is, or undefined when it is none. */
export function numberOf(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? NON_FINITE.get(value) : undefined;
}

/** Return the value of a name that people chose: `constructor` is one that every object of the language has. */
export function ownValue<T>(values: Record<string, T> | undefined, name: string): T | undefined {
  return values && Object.hasOwn(values, name) ? values[name] : undefined;
}

/** Return a number in few enough digits to compare at a glance: five that matter, an exponent where it helps. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return withMinus(String(value));
  if (size >= 1e6 || size < 1e-4) return withMinus(shortExponent(value));
  return withMinus(String(Number(value.toPrecision(5))));
}

/** Return a logged value as one line of text; `undefined` is what was never logged. */
export function formatValue(value: Value | undefined): string {
  if (value === undefined) return '';
  if (value === null) return 'none';
  const number = numberOf(value);
  if (number !== undefined) return formatNumber(number);
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  return plainText(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** Return a text without the signs that let what is behind them be read backwards: each is shown as its code. */
export function plainText(text: string): string {
  return text.replace(
    /[\u202a-\u202e\u2066-\u2069]/g,
    (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase()}⟩`,
  );
}

/** A text that reads as something else would: a number, a truth or nothing. */
const READS_AS_OTHER = /^(?:none|null|true|false|\s*[+−-]?(?:\d[\d.e+−-]*|\.\d+)\s*|)$/i;

/** Return a logged value as one line in which the text "1" is told from the number 1. */
export function formatDistinct(value: Value): string {
  const isText = typeof value === 'string' && numberOf(value) === undefined;
  return isText && READS_AS_OTHER.test(value) ? `“${formatValue(value)}”` : formatValue(value);
}

/** Return a logged value with every digit, for those who look closer. */
export function fullValue(value: Value | undefined): string {
  if (value === undefined) return 'not logged';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const counts = new Intl.NumberFormat('en');

/** Return how many there are of something. */
export function formatCount(count: number): string {
  return counts.format(count);
}

/** Return a size in bytes as people say it. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  const amount = bytes / 1000 ** power;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${units[power - 1] ?? ''}`;
}

function shortExponent(value: number): string {
  if (value === 0) return '0';
  const [digits = '', exponent = ''] = value.toExponential(3).split('e');
  return `${Number(digits)}e${exponent.replace('+', '')}`;
}

/** A real minus is as wide as a digit, so that columns of numbers line up. */
function withMinus(text: string): string {
  return text.replace('-', '−').replace('e-', 'e−');
}
