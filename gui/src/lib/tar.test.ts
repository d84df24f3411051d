import { expect, it } from 'vitest';

import { readTar } from './tar';

const encoder = new TextEncoder();

function entry(name: string, content: string, kind = '0'): Uint8Array {
  const header = new Uint8Array(512);
  header.set(encoder.encode(name));
  header.set(encoder.encode(content.length.toString(8).padStart(11, '0')), 124);
  header.set(encoder.encode(kind), 156);
  const body = new Uint8Array(Math.ceil(content.length / 512) * 512);
  body.set(encoder.encode(content));
  return joined(header, body);
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const read = (...parts: Uint8Array[]) =>
  readTar(joined(...parts)).map(({ path, content }) => [path, new TextDecoder().decode(content)]);

it('reads files and leaves folders out', () => {
  expect(read(entry('model/', '', '5'), entry('model/net.py', 'x = 1'), entry('./main.py', 'y'))).toEqual([
    ['model/net.py', 'x = 1'],
    ['main.py', 'y'],
  ]);
});

it('takes a long name from the header before it', () => {
  const name = `${'deep/'.repeat(40)}main.py`;
  const line = ` path=${name}\n`;
  const length = line.length + 3;
  expect(read(entry('pax', `${length}${line}`, 'x'), entry('short', 'z'))).toEqual([[name, 'z']]);
});

it('reads what is there of an archive that was cut off', () => {
  const whole = joined(entry('a.py', 'one'), entry('b.py', 'two'));
  expect(readTar(whole.subarray(0, 1200)).map(({ path }) => path)).toEqual(['a.py']);
});
