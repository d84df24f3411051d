/** What is brushed on the axes: a span of numbers, or some of the words. */

import { writtenValue } from '@/components/filter/writing';

import { serverField } from '../columnChoice';
import { valueOfWord } from './words';

/** By the axis's id: from and to, or the chosen words. */
export type Brush = Record<string, readonly [number, number] | readonly string[]>;

/** Return the brush that an address holds; nothing when it holds none. */
export function parseBrush(text: string | undefined): Brush {
  try {
    const brush: unknown = JSON.parse(text ?? '{}');
    return typeof brush === 'object' && brush !== null ? (brush as Brush) : {};
  } catch {
    return {};
  }
}

/** Return the brush as an address holds it; undefined when nothing is brushed. */
export function formatBrush(brush: Brush): string | undefined {
  return Object.keys(brush).length > 0 ? JSON.stringify(brush) : undefined;
}

/** Return a brush with what is brushed on one axis changed; undefined takes it away. */
export function withBrushed(brush: Brush, id: string, span: Brush[string] | undefined): Brush {
  const rest = Object.entries(brush).filter(([each]) => each !== id);
  return Object.fromEntries<Brush[string]>(span ? [...rest, [id, span]] : rest);
}

/** Whether what is brushed on an axis is a span of numbers. */
export function isSpan(span: Brush[string]): span is readonly [number, number] {
  return typeof span[0] === 'number';
}

/** Return what is brushed as conditions of the filter's language. */
export function brushConditions(text: string | undefined): string[] {
  return Object.entries(parseBrush(text)).flatMap(([id, span]) => {
    const field = serverField(id);
    if (!field) return [];
    if (isSpan(span)) return [`${field} >= ${rounded(span[0])}`, `${field} <= ${rounded(span[1])}`];
    const written = span.map((word) => writtenValue(valueOfWord(word)));
    // Lists and the like can be asked for by their being there alone.
    if (written.includes(undefined)) return [`exists(${field})`];
    return [`${field} in [${written.join(', ')}]`];
  });
}

/** A brush is drawn with a pixel's precision; more digits would only be hard to read. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
