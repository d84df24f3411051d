import { expect, it } from 'vitest';

import { LogLines } from './logLines';
import { findError, findLines } from './logSearch';

function log(...texts: string[]): LogLines {
  const lines = new LogLines();
  lines.push(texts.join('\n'));
  return lines;
}

it('finds words in any case, and not in what only a terminal sees', () => {
  expect(findLines(log('Loss 1', 'x', '\u001b[31mloss\u001b[0m'), 'LOSS')).toEqual([0, 2]);
  expect(findLines(log('\u001b[31mloss'), '31')).toEqual([]);
  expect(findLines(log('a'), '')).toEqual([]);
});

it('finds where the last traceback begins', () => {
  const lines = log(
    'Traceback (most recent call last):',
    'KeyError: 1',
    'again',
    'Traceback (most recent call last):',
    '  File',
    'ValueError: x',
  );
  expect(findError(lines)).toBe(3);
});

it('finds a message without a traceback', () => {
  expect(findError(log('ok', 'RuntimeError: CUDA out of memory', 'bye'))).toBe(1);
  expect(findError(log('Killed'))).toBe(0);
  expect(findError(log('error rate 0.1', 'no errors'))).toBeUndefined();
});
