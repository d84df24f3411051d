import { expect, it } from 'vitest';

import { LogFrames } from './logFrames';

/** Return one frame as the server sends it. */
function frame(kind: 'L' | 'U', text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [kind.charCodeAt(0), 0, 0, bytes.length >> 8, bytes.length & 255, ...bytes];
}

it.each([1, 4, 7, 10_000])('puts frames together that come in pieces of %i bytes', (size) => {
  const long = 'x'.repeat(1000);
  const sent = [...frame('L', 'one\n'), ...frame('U', '\r 10%'), ...frame('U', ''), ...frame('L', long)];
  const frames = new LogFrames();
  const parts = Array.from({ length: Math.ceil(sent.length / size) }, (_, index) =>
    frames.add(Uint8Array.from(sent.slice(index * size, (index + 1) * size))),
  ).flat();
  const told = parts.map(({ isUnfinished, bytes }) => [isUnfinished, new TextDecoder().decode(bytes)]);
  expect(told).toEqual([
    [false, 'one\n'],
    [true, '\r 10%'],
    [true, ''],
    [false, long],
  ]);
});
