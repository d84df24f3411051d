import { expect, it } from 'vitest';

import { envelopeOf, overMetric } from '@/lib/chartData';
import { partOf } from '@/lib/seriesDetail';

import { columnsOf, rolesOf } from './plotColumns';

const line = { name: 'a', colour: '--accent', data: { x: [0, 1, 2], y: [0, 4, 2] } };
const plain = { isLog: false, smoothing: 0 };

it('draws a plain line alone, and a smoothed one before what was logged', () => {
  expect(rolesOf(line, plain)).toEqual(['main']);
  expect(rolesOf(line, { ...plain, smoothing: 0.5 })).toEqual(['logged', 'main']);
  expect(rolesOf(line, { ...plain, smoothing: 0.5, hasEnvelope: true })).toEqual(['low', 'high', 'main']);
});

it('begins a logarithmic axis after zero', () => {
  const drawn = columnsOf(line, { isLog: true, isLogX: true, smoothing: 0 });
  expect(drawn).toEqual({ x: [1, 2], columns: [{ role: 'main', values: [4, 2] }] });
});

it('keeps the whole height of a spike in its envelope', () => {
  const { low, high } = envelopeOf([0, 0, 9, 0, null, -1]);
  expect([Math.max(...high.map(Number)), Math.min(...low.map(Number))]).toEqual([9, -1]);
});

it('puts another metric on the horizontal axis, by the steps that both have', () => {
  const series = { name: 'loss', values: [5, 6, 7], times: [1, 2, 3], steps: [1, 2, 3] };
  const other = { name: 'acc', values: [0.9, 'NaN', 0.1], times: [1, 2, 3], steps: [1, 2, 3] };
  expect(overMetric(series, other)).toEqual({ x: [0.1, 0.9], y: [7, 5] });
});

it('asks the server for the part that is looked at', () => {
  expect(partOf('relative', [10, 20], 1000)).toEqual({ axis: 'time', from: 1010, to: 1020 });
  expect(partOf('step', [1, 2], 0)).toEqual({ axis: 'step', from: 1, to: 2 });
  expect(partOf('point', [1, 2], 0)).toBeUndefined();
  expect(partOf('time', undefined, 0)).toBeUndefined();
});
