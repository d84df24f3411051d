/** Things in groups by a value that people logged. */

import type { Value } from '@/types/api';

import { compareKeys, sortKey } from './compare';

export interface ValueGroup<Thing> {
  /** undefined for what has no value. */
  value: Value | undefined;
  members: Thing[];
}

/** Return things in groups by their values: in the order of these, what has none last. */
export function groupByValue<Thing>(
  things: Thing[],
  valueOf: (thing: Thing) => Value | undefined,
): ValueGroup<Thing>[] {
  const groups = new Map<string, ValueGroup<Thing>>();
  for (const thing of things) {
    const value = valueOf(thing);
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.members.push(thing);
    else groups.set(key, { value, members: [thing] });
  }
  return [...groups.values()].sort((one, other) => byValue(one.value, other.value));
}

/** Return what tells one value from another. */
export function keyOf(value: Value | undefined): string {
  return value === undefined ? '' : JSON.stringify(value);
}

function byValue(one: Value | undefined, other: Value | undefined): number {
  if (one === undefined || other === undefined)
    return Number(one === undefined) - Number(other === undefined);
  return compareKeys(sortKey(one), sortKey(other));
}
