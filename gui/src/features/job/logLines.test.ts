import { expect, it } from 'vitest';

import { LogLines } from './logLines';

function shown(lines: LogLines): string[] {
  return Array.from({ length: lines.count }, (_, index) => lines.line(index));
}

function linesOf(...parts: string[]): string[] {
  const lines = new LogLines();
  parts.forEach((part) => {
    lines.push(part);
  });
  return shown(lines);
}

it('joins lines that arrive in pieces', () => {
  expect(linesOf('epo', 'ch 1\nepoch', ' 2\n')).toEqual(['epoch 1', 'epoch 2']);
});

it('shows a line that is not finished yet', () => {
  expect(linesOf('loading')).toEqual(['loading']);
});

it('keeps empty lines', () => {
  expect(linesOf('a\n\nb\n')).toEqual(['a', '', 'b']);
});

it('shows a progress bar as it stands now', () => {
  expect(linesOf(' 10%\r', ' 20%\r', ' 30%')).toEqual([' 30%']);
  expect(linesOf(' 10%\r 99%\r100%\ndone\r\n')).toEqual(['100%', 'done']);
});

it('leaves out what only a terminal understands', () => {
  expect(linesOf('\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007\n')).toEqual([
    'red link',
  ]);
});

it('drops the oldest lines of a log that is too long, and says how many', () => {
  const lines = new LogLines(100);
  lines.push(Array.from({ length: 130 }, (_, index) => `line ${index}\n`).join(''));
  expect(lines.dropped + lines.count).toBe(130);
  expect(lines.count).toBeLessThanOrEqual(100);
  expect(lines.line(lines.count - 1)).toBe('line 129');
});

it('drops the oldest lines where they have too many letters', () => {
  const lines = new LogLines(100, 1000);
  lines.push(`${'x'.repeat(400)}\n${'y'.repeat(400)}\n${'z'.repeat(400)}\n`);
  expect([lines.dropped, lines.count, lines.finished]).toEqual([1, 2, 3]);
});

it('tells its listeners once a frame', async () => {
  const lines = new LogLines();
  let calls = 0;
  const changed = new Promise<void>((resolve) => {
    lines.subscribe(() => {
      calls += 1;
      resolve();
    });
  });
  const before = lines.read();
  lines.push('a\n');
  lines.push('b\n');
  await changed;
  expect(calls).toBe(1);
  expect(lines.read()).not.toBe(before);
});

it('remembers when lines were finished that arrived while somebody looked', () => {
  const lines = new LogLines();
  lines.push('old\nha');
  expect(lines.hasTimes).toBe(false);
  lines.push('lf\nnew\n', 1000);
  expect([0, 1, 2].map((index) => lines.time(index))).toEqual([undefined, 1000, 1000]);
  expect(lines.hasTimes).toBe(true);
});

it('shows what is not in the log yet behind it, until it is', () => {
  const lines = new LogLines();
  lines.push('begins\n');
  lines.showUnfinished('\r 10%|#');
  lines.showUnfinished('\r 20%|##');
  expect(shown(lines)).toEqual(['begins', ' 20%|##']);
  lines.showUnfinished('');
  lines.push('\r 10%|#\r 20%|##\r100%|##########\n');
  expect(shown(lines)).toEqual(['begins', '100%|##########']);
});

it('shows what goes on in a line that the log has begun', () => {
  const lines = new LogLines();
  lines.push('loading ..');
  lines.showUnfinished('..');
  expect(shown(lines)).toEqual(['loading ....']);
  lines.showUnfinished('\rready');
  expect(shown(lines)).toEqual(['ready']);
});
