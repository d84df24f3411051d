/** What differs between the code of two jobs. */

import type { SourceFile } from '@/lib/getSource';

export type Fate = 'changed' | 'added' | 'removed';

export interface ChangedFile {
  path: string;
  fate: Fate;
  before: SourceFile | undefined;
  after: SourceFile | undefined;
}

/** Return the files that differ, by their paths. */
export function changedFiles(before: SourceFile[], after: SourceFile[]): ChangedFile[] {
  const old = new Map(before.map((file) => [file.path, file]));
  const paths = [...new Set([...before, ...after].map(({ path }) => path))].sort();
  const now = new Map(after.map((file) => [file.path, file]));
  return paths.flatMap((path): ChangedFile[] => {
    const [left, right] = [old.get(path), now.get(path)];
    if (left && right)
      return isSame(left, right) ? [] : [{ path, fate: 'changed', before: left, after: right }];
    return [{ path, fate: left ? 'removed' : 'added', before: left, after: right }];
  });
}

function isSame(left: SourceFile, right: SourceFile): boolean {
  return left.size === right.size && left.text === right.text;
}
