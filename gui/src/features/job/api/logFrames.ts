/** A log as the server sends it in frames: a letter, the length in four bytes, and so many bytes. */

export const FRAMES_TYPE = 'application/vnd.atlas.log-frames';

const HEADER = 5;
const UNFINISHED = 'U'.charCodeAt(0);

/** A piece of the log, or the line that the job has begun behind it, which is valid until the next part. */
export interface LogPart {
  isUnfinished: boolean;
  bytes: Uint8Array;
}

/** Puts frames together, however they are cut. */
export class LogFrames {
  private waiting = new Uint8Array(0);

  /** Return the parts that are whole with what has come now. */
  add(chunk: Uint8Array): LogPart[] {
    let rest = joined(this.waiting, chunk);
    const parts: LogPart[] = [];
    for (let end = endOf(rest); end <= rest.length; end = endOf(rest)) {
      parts.push({ isUnfinished: rest[0] === UNFINISHED, bytes: rest.subarray(HEADER, end) });
      rest = rest.subarray(end);
    }
    this.waiting = rest;
    return parts;
  }
}

/** Return where the first frame ends, as far as that is known. */
function endOf(bytes: Uint8Array): number {
  if (bytes.length < HEADER) return Infinity;
  return HEADER + new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
