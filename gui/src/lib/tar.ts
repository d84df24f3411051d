/** Reading tar archives: the bundles in which the code of jobs travels. */

export interface TarFile {
  path: string;
  content: Uint8Array;
}

const BLOCK = 512;
/** Where the parts of a header begin, and their length. */
const NAME = [0, 100] as const;
const SIZE = [124, 12] as const;
const KIND = [156, 1] as const;
const PREFIX = [345, 155] as const;

const decoder = new TextDecoder();

/** Return the regular files of an archive in its order. What is cut off at the end is left out. */
export function readTar(archive: Uint8Array): TarFile[] {
  const files: TarFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0;) {
    const header = archive.subarray(at, at + BLOCK);
    const size = sizeOf(header);
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const kind = textAt(header, KIND);
    if (kind === 'x') longName = paxPath(content) ?? longName;
    else if (kind === 'L') longName = decoder.decode(content).replace(/\0.*$/s, '');
    else {
      if (kind === '0' || kind === '') files.push({ path: trimmed(longName ?? nameOf(header)), content });
      longName = undefined;
    }
  }
  return files;
}

function nameOf(header: Uint8Array): string {
  return [textAt(header, PREFIX), textAt(header, NAME)].filter(Boolean).join('/');
}

function trimmed(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '');
}

function sizeOf(header: Uint8Array): number {
  const [start, length] = SIZE;
  // A first bit that is set: the size stands there as a number of many bytes, not as octal digits.
  if ((header[start] ?? 0) & 0x80) {
    return header.subarray(start + 1, start + length).reduce((sum, byte) => sum * 256 + byte, 0);
  }
  return parseInt(textAt(header, SIZE).trim() || '0', 8);
}

function textAt(header: Uint8Array, [start, length]: readonly [number, number]): string {
  return decoder.decode(header.subarray(start, start + length)).replace(/\0.*$/s, '');
}

/** Return the path in an extended header, whose lines are `<length> <name>=<value>`. */
function paxPath(content: Uint8Array): string | undefined {
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const length = Number(decoder.decode(content.subarray(at, space)));
    if (space < 0 || !(length > 0)) return undefined;
    const line = decoder.decode(content.subarray(space + 1, at + length - 1));
    if (line.startsWith('path=')) return line.slice('path='.length);
    at += length;
  }
  return undefined;
}
