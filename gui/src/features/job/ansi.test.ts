import { expect, it } from 'vitest';

import { markWords, plainText, toSpans } from './ansi';

const ESC = '\u001b';

it('reads the colours and looks of a line', () => {
  expect(toSpans(`a ${ESC}[1;31mbold red${ESC}[0m b`)).toEqual([
    { text: 'a ' },
    { text: 'bold red', isBold: true, colour: 1 },
    { text: ' b' },
  ]);
});

it('reads colours of 256 and of all', () => {
  expect(toSpans(`${ESC}[38;5;196mx`)).toEqual([{ text: 'x', colour: 'rgb(255 0 0)' }]);
  expect(toSpans(`${ESC}[38;2;1;2;3mx`)).toEqual([{ text: 'x', colour: 'rgb(1 2 3)' }]);
  expect(toSpans(`${ESC}[97mx${ESC}[39my`)).toEqual([{ text: 'x', colour: 15 }, { text: 'y' }]);
});

it('does not take the numbers of a background for looks', () => {
  expect(toSpans(`${ESC}[48;5;1mx`)).toEqual([{ text: 'x' }]);
});

it('shows what the last carriage return left', () => {
  expect(toSpans(`10%\r${ESC}[32m99%${ESC}[0m\r\r`)).toEqual([{ text: '99%', colour: 2 }]);
  expect(plainText(`10%\r${ESC}[32m99%${ESC}[0m\r`)).toBe('99%');
});

it('leaves out cursor movements and links', () => {
  expect(plainText(`${ESC}[2K${ESC}]8;;http://x\u0007link${ESC}]8;;\u0007`)).toBe('link');
});

it('marks words wherever they stand, across looks and in any case', () => {
  expect(markWords(toSpans(`LO${ESC}[31mss 1 loss`), 'loss')).toEqual([
    { text: 'LO', isMarked: true },
    { text: 'ss', colour: 1, isMarked: true },
    { text: ' 1 ', colour: 1 },
    { text: 'loss', colour: 1, isMarked: true },
  ]);
});
