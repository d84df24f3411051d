/** How metrics are written, those of the machine in its own units. */

import type { Value } from '@/types/api';

import { isSystem } from './chartData';
import { formatBytes, formatNumber, formatValue } from './values';

/** Return the name without what all names of the machine's metrics begin with. */
export function shortName(name: string): string {
  return name.replace(/^system\./, '');
}

/** Return how the numbers of a metric are written. */
export function formatOf(name: string): (value: number) => string {
  return isSystem(name) && name.includes('bytes') ? (bytes) => formatBytes(Math.round(bytes)) : formatNumber;
}

/** Return a value of a metric as one line of text. */
export function formatMetric(name: string, value: Value | undefined): string {
  return typeof value === 'number' ? formatOf(name)(value) : formatValue(value);
}

/** What is better when there is less of it: long words anywhere, and short ones alone, as they are parts of others. */
const LESS_IS_BETTER =
  /loss|error|perplexity|entropy|distance|latency|seconds|duration|cost|regret|(?<![a-z])(?:err|ppl|r?mse|mae|nll|wer|cer|fid|bpb)(?![a-z])/i;

/** Whether the least of a metric is its best, as far as its name tells. */
export function isLessBetter(name: string): boolean {
  return LESS_IS_BETTER.test(name.replace(/(?<=[a-z])(?=[A-Z])/g, '_'));
}
