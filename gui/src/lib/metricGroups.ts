/** Metrics in the sections that their names make: what stands before the last slash. */

export interface MetricGroup {
  /** What the names begin with; "" for those without a slash. */
  prefix: string;
  names: string[];
}

/** Return the metrics whose name has all the words, in sections; those without a section come first. */
export function metricGroups(names: string[], words = ''): MetricGroup[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, string[]>([['', []]]);
  for (const name of names) {
    if (!wanted.every((word) => name.toLowerCase().includes(word))) continue;
    const prefix = prefixOf(name);
    const group = groups.get(prefix);
    if (group) group.push(name);
    else groups.set(prefix, [name]);
  }
  return [...groups].flatMap(([prefix, own]) => (own.length > 0 ? [{ prefix, names: own }] : []));
}

/** Return what is left of a name in its section. */
export function nameIn(prefix: string, name: string): string {
  return prefix === '' ? name : name.slice(prefix.length + 1);
}

function prefixOf(name: string): string {
  const end = name.lastIndexOf('/');
  return end > 0 && end < name.length - 1 ? name.slice(0, end) : '';
}
