import { expect, it } from 'vitest';

import type { ManySeries } from '@/types/api';

import { lackingSteps, linesOf, meansOf, oddNote, overMetric, type Curve } from './curveLines';

function curve(id: string, part: Partial<Curve> = {}): Curve {
  return { id, label: id, look: { colour: '--line-1' }, start: 100, isLive: false, ...part };
}

function seriesOf(...series: Partial<ManySeries['series'][number]>[]): ManySeries {
  return {
    x: 'step',
    missing: [],
    series: series.map((each) => ({ job_id: 'a', name: 'loss', x: [0, 1], values: [2, 1], ...each })),
  };
}

const CURVES = [curve('a'), curve('b')];

it('has a line for each job in their order, also for one without points', () => {
  const lines = linesOf(CURVES, seriesOf({ job_id: 'b' }), 'step');
  expect(lines.map(({ name, data }) => [name, data.x])).toEqual([
    ['a', []],
    ['b', [0, 1]],
  ]);
});

it('counts from the beginning of each job where the axis is the duration', () => {
  const [line] = linesOf([curve('a', { start: 90 })], seriesOf({ x: [100, 110] }), 'relative');
  expect(line?.data.x).toEqual([10, 20]);
});

it('leaves a gap where a value is no finite number, and says so', () => {
  const odd = seriesOf({ values: [1, 'NaN'] });
  expect(linesOf([curve('a')], odd, 'step')[0]?.data.y).toEqual([1, null]);
  expect(oddNote(odd)).toBe('NaN or ∞ in one job: a gap in the line.');
  expect(oddNote(seriesOf({}))).toBe('');
});

it('finds the series that were logged without steps', () => {
  expect(lackingSteps(seriesOf({}, { x: [null, null] }))).toBe(1);
});

it('places points over what another metric was last, though both were thinned at other steps', () => {
  const lines = linesOf([curve('a')], seriesOf({ x: [1, 4, 9], values: [30, 20, 10] }), 'step');
  const others = linesOf([curve('a')], seriesOf({ x: [0, 3, 9], values: [0.5, 0.6, 0.7] }), 'step');
  expect(overMetric(lines, others)[0]?.data).toEqual({ x: [0.5, 0.6, 0.7], y: [30, 20, 10] });
});

it('draws the mean of each group between the least and the most', () => {
  const curves = [curve('a', { group: 'adam' }), curve('b', { group: 'adam' }), curve('c', { group: 'sgd' })];
  const data = seriesOf({}, { job_id: 'b', values: [4, 3] }, { job_id: 'c' });
  const means = meansOf(curves, linesOf(curves, data, 'step'), 'step');
  expect(means.map(({ name, data: { y }, band }) => [name, y, band?.high])).toEqual([
    ['adam', [3, 2], [4, 3]],
    ['sgd', [2, 1], [2, 1]],
  ]);
});
