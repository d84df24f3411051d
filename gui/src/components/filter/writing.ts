/** Writes the language in which the server filters: fields, values and conditions. */

import { quoted, tagField, written } from '@/lib/filterFields';
import type { Value } from '@/types/api';

import { SIGN } from './reading';

const STATISTICS = ['last', 'first', 'min', 'max', 'count'];

/** Return the field that a column of the table shows, such as `metrics.loss.min`; undefined for one that has none. */
export function fieldOfColumn(id: string): string | undefined {
  const [, group, rest] = /^(parameters|output_metrics|tags):(.+)$/.exec(id) ?? [];
  if (group === 'parameters' && rest) return paramField(rest);
  if (group === 'output_metrics' && rest) return metricField(rest);
  if (group === 'tags' && rest) return tagField(rest);
  return id === 'tags' ? undefined : id;
}

export function paramField(name: string): string {
  return `params.${written(name)}`;
}

/** Return the field of a metric, or of one of its statistics as in `loss@min`. */
export function metricField(nameAndStatistic: string): string {
  const [, name = nameAndStatistic, statistic] = /^(.+)@(first|min|max)$/.exec(nameAndStatistic) ?? [];
  const isAmbiguous = STATISTICS.includes(name.split('.').at(-1) ?? '') && name.includes('.');
  const field = `metrics.${isAmbiguous ? quoted(name) : written(name)}`;
  return statistic ? `${field}.${statistic}` : field;
}

/** Return a value as the language writes it; undefined for what it cannot compare. */
export function writtenValue(value: Value): string | undefined {
  if (value === 'NaN') return 'nan';
  if (value === 'Infinity') return 'inf';
  if (value === '-Infinity') return '-inf';
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'object' && value !== null ? undefined : String(value);
}

/** Return a filter that asks for a condition as well; one that does so already stays as it is. */
export function withCondition(filter: string, condition: string): string {
  const known = languageOf(filter).trim();
  if (!known) return condition;
  if (conditionsOf(known).includes(condition)) return known;
  return `${hasOr(known) ? `(${known})` : known} and ${condition}`;
}

function hasOr(filter: string): boolean {
  return /\bor\b/.test(withoutTexts(filter));
}

function conditionsOf(filter: string): string[] {
  return filter.split(/ and /);
}

function withoutTexts(filter: string): string {
  return filter.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, '""');
}

/** What begins a sentence of the language, rather than a word to look for. */
const STARTS = new RegExp(
  `^(?:not|exists|job_id|project|user|status|cause|mode|duration|\\w+_time|params|parameters|metrics|tags)(?!${SIGN})`,
);
const WORDS = new RegExp(`^(?:${SIGN}|[\\s.@-])+$`);

/** Whether a filter is words to look for, rather than a sentence of the language. */
export function isWords(filter: string): boolean {
  const text = filter.trim();
  return WORDS.test(text) && !STARTS.test(text);
}

/** Return a filter in the language: words are looked for in ids, users and states. */
export function languageOf(filter: string): string {
  if (!filter.trim() || !isWords(filter)) return filter;
  const words = filter.trim().split(/\s+/).map(quoted);
  return words.map((word) => `(job_id ~ ${word} or user ~ ${word} or status ~ ${word})`).join(' and ');
}
