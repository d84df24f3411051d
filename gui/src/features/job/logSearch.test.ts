import { expect, it } from 'vitest';

import { LogLines } from './logLines';
import { ErrorFinder, WordFinder } from './logSearch';

function log(...texts: string[]): LogLines {
  const lines = new LogLines();
  lines.push(texts.join('\n'));
  return lines;
}

function findError(...texts: string[]): number | undefined {
  return new ErrorFinder().find(log(...texts));
}

it('finds words in any case, and not in what only a terminal sees', () => {
  expect(new WordFinder().find(log('Loss 1', 'x', '\u001b[31mloss\u001b[0m'), 'LOSS')).toEqual([0, 2]);
  expect(new WordFinder().find(log('\u001b[31mloss'), '31')).toEqual([]);
  expect(new WordFinder().find(log('a'), '')).toEqual([]);
  expect(new WordFinder().find(log('a.b', 'aab', '(x'), 'a.b')).toEqual([0]);
});

it('finds words in lines that came later, and in one that is not finished', () => {
  const lines = log('loss 1', 'lo');
  const finder = new WordFinder();
  expect(finder.find(lines, 'loss')).toEqual([0]);
  lines.push('ss 2\nx\nloss');
  expect(finder.find(lines, 'loss')).toEqual([0, 1, 3]);
  lines.push('less\n');
  expect(finder.find(lines, 'loss')).toEqual([0, 1, 3]);
  expect(finder.find(lines, 'x')).toEqual([2]);
});

it('counts lines from the first of the log, also when that is not here any more', () => {
  const lines = new LogLines(10);
  const finder = new WordFinder();
  lines.push('loss\nloss\n');
  expect(finder.find(lines, 'loss')).toEqual([0, 1]);
  lines.push(`${'x\n'.repeat(9)}loss\nTypeError: no\n`);
  expect(lines.dropped).toBeGreaterThan(1);
  expect(finder.find(lines, 'loss')).toEqual([11]);
  expect(new ErrorFinder().find(lines)).toBe(12);
});

it('reads a long log in parts', () => {
  const lines = log('loss', ...Array<string>(60_000).fill('x'), 'loss', '');
  const finder = new WordFinder();
  expect(finder.find(lines, 'loss')).toEqual([0]);
  expect(finder.isBehind(lines)).toBe(true);
  expect(finder.find(lines, 'loss')).toEqual([0, 60_001]);
  expect(finder.isBehind(lines)).toBe(false);
});

it('finds where the last traceback begins', () => {
  const begins = 'Traceback (most recent call last):';
  expect(findError(begins, 'KeyError: 1', 'again', begins, '  File', 'ValueError: x')).toBe(3);
});

it('finds a message without a traceback', () => {
  expect(findError('ok', 'RuntimeError: CUDA out of memory', 'bye')).toBe(1);
  expect(findError('Killed')).toBe(0);
  expect(findError('error rate 0.1', 'no errors')).toBeUndefined();
});
