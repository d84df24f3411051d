/** What `git diff` prints, as lines that can be shown. */

export type DiffLineKind = 'same' | 'added' | 'removed' | 'place';

export interface DiffLine {
  kind: DiffLineKind;
  text: string;
  /** Numbers of the line in the file before and after. */
  before?: number;
  after?: number;
}

export interface FileDiff {
  path: string;
  lines: DiffLine[];
  added: number;
  removed: number;
}

const PLACE = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Return the changes of each file in the order of `diff`. */
export function parseDiff(diff: string): FileDiff[] {
  const files: FileDiff[] = [];
  let numbers = { before: 0, after: 0 };
  let isInside = false;
  for (const line of diff.split('\n')) {
    const file = files.at(-1);
    const place = PLACE.exec(line);
    if (line.startsWith('diff --git ')) {
      files.push({ path: pathOf(line), lines: [], added: 0, removed: 0 });
      isInside = false;
    } else if (place && file) {
      numbers = { before: Number(place[1]), after: Number(place[2]) };
      isInside = true;
      file.lines.push({ kind: 'place', text: line });
    } else if (isInside && file) {
      addLine(file, line, numbers);
    } else if (file && /^(?:Binary files|rename |new file|deleted file)/.test(line)) {
      file.lines.push({ kind: 'place', text: line });
    }
  }
  return files;
}

function addLine(file: FileDiff, line: string, numbers: { before: number; after: number }): void {
  const text = line.slice(1);
  if (line.startsWith('+')) {
    file.lines.push({ kind: 'added', text, after: numbers.after++ });
    file.added += 1;
  } else if (line.startsWith('-')) {
    file.lines.push({ kind: 'removed', text, before: numbers.before++ });
    file.removed += 1;
  } else if (line.startsWith(' ')) {
    file.lines.push({ kind: 'same', text, before: numbers.before++, after: numbers.after++ });
  }
}

/** Return the path in a line such as `diff --git a/main.py b/main.py`. */
function pathOf(line: string): string {
  return / "?b\/(.+?)"?$/.exec(line)?.[1] ?? line.slice('diff --git '.length);
}
