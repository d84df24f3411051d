import { expect, it } from 'vitest';

import { toCsv, toSvg, type ExportedChart } from './chartExport';
import { fileNameOf } from './download';
import { ticks } from './ticks';

const chart: ExportedChart = {
  title: 'loss & co',
  axis: 'step',
  isLog: false,
  colours: { text: '#000', line: '#ccc', paper: '#fff' },
  marksX: ticks,
  formatX: String,
  formatY: String,
  lines: [{ name: 'a, "b"', x: [0, 1, 2], y: [1, null, 3], colour: '#123456' }],
};

it('writes points as CSV, with quotes where they are needed and gaps left empty', () => {
  expect(toCsv(chart)).toBe('line,step,loss & co\r\n"a, ""b""",0,1\r\n"a, ""b""",1,\r\n"a, ""b""",2,3\r\n');
});

it('draws a picture that is sound XML, with a gap where there is no number', () => {
  const picture = new DOMParser().parseFromString(toSvg(chart), 'image/svg+xml');
  expect(picture.querySelector('parsererror')).toBeNull();
  const [line] = [...picture.querySelectorAll('path[stroke="#123456"]')];
  expect(line?.getAttribute('d')?.match(/M/g)).toHaveLength(2);
  expect(picture.documentElement.textContent).toContain('loss & co');
});

it('leaves out of a logarithmic picture what has no place there', () => {
  const svg = toSvg({
    ...chart,
    isLog: true,
    lines: [{ name: 'a', x: [0, 1, 2], y: [0, 10, 100], colour: 'red' }],
  });
  expect(svg).not.toContain('NaN');
  expect(svg).not.toContain('Infinity');
});

it('writes round marks, and has room for the whole of each', () => {
  const svg = toSvg({
    ...chart,
    formatY: (y) => y.toFixed(9).replace('-', '−'),
    lines: [{ name: 'a', x: [0, 937], y: [-0.0093422, 0.0051], colour: 'red' }],
  });
  const picture = new DOMParser().parseFromString(svg, 'image/svg+xml');
  const words = [...picture.querySelectorAll('text')];
  expect(words.map(({ textContent }) => textContent)).toEqual(
    expect.arrayContaining(['200', '400', '600', '800', '−0.005000000', '0.005000000']),
  );
  const longest = words.find(({ textContent }) => textContent === '−0.005000000');
  expect(Number(longest?.getAttribute('x'))).toBeGreaterThan(12 * 7);
});

it('names files so that every system takes them', () => {
  expect(fileNameOf('val/loss: 1', 'csv')).toBe('val-loss-1.csv');
  expect(fileNameOf('///', 'svg')).toBe('chart.svg');
});
