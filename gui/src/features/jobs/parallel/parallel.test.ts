import { expect, it } from 'vitest';

import { jobSummary } from '@/testing/fixtures';

import { formatAxes, movedAxis, parseAxes } from './axes';
import { spanOf, undrawnWords } from './AxisStrip';
import { brushConditions, formatBrush, parseBrush, withBrushed } from './brush';
import { brushedLines, makeAxis, numberAt } from './lines';
import { shownWord, valueOfWord, wordOf } from './words';

const jobs = [0.001, 0.01, 0.1].map((lr, place) =>
  jobSummary({ parameters: { lr, optimizer: place === 0 ? 'sgd' : 'adam' }, metrics: { loss: 'NaN' } }),
);
const lr = makeAxis({ id: 'parameters:lr', isLog: true }, jobs);
const optimizer = makeAxis({ id: 'parameters:optimizer', isLog: false }, jobs);

it('places numbers on a logarithmic axis, and words by their order', () => {
  expect([...lr.places]).toEqual([0, expect.closeTo(0.5, 5), 1]);
  expect(numberAt(lr, 0.5)).toBeCloseTo(0.01);
  expect([...optimizer.places]).toEqual([0.75, 0.25, 0.25]);
});

it('gives a job without a number no place', () => {
  expect([...makeAxis({ id: 'output_metrics:loss', isLog: false }, jobs).places]).toEqual([NaN, NaN, NaN]);
});

it('counts the jobs whose values are not on an axis', () => {
  const mixed = Array.from({ length: 30 }, (_, place) =>
    jobSummary({ parameters: { batch: place < 27 ? place : `auto-${place}` } }),
  );
  const axis = makeAxis({ id: 'parameters:batch', isLog: false }, [...mixed, jobSummary({})]);
  expect(axis.undrawn).toBe(3);
  expect(undrawnWords(axis)).toBe('3 jobs have values that an axis of numbers cannot show: texts, NaN, ∞');
  const words = makeAxis({ id: 'parameters:batch', isLog: false }, mixed.slice(20));
  expect([words.undrawn, words.words?.length]).toEqual([0, 10]);
});

it('holds the lines that all brushes hold', () => {
  const brush = { 'parameters:lr': [0.005, 0.2] as const, 'parameters:optimizer': ['adam'] };
  expect([...brushedLines([lr, optimizer], brush, 3)]).toEqual([1, 2]);
  expect([...brushedLines([lr, optimizer], withBrushed(brush, 'parameters:lr', [0.05, 1]), 3)]).toEqual([2]);
});

it('brushes words as a whole, and none where there is none', () => {
  expect(spanOf(optimizer, 0.1, 0.4)).toEqual(['adam']);
  expect(spanOf(optimizer, 0.9, 1)).toBeUndefined();
});

it('says a brush in an address, and as conditions of the filter', () => {
  const text = formatBrush({ 'parameters:lr': [0.0012345678, 0.1], 'parameters:optimizer': ['adam'] });
  expect(parseBrush(text)['parameters:optimizer']).toEqual(['adam']);
  expect(brushConditions(text)).toEqual([
    'params.lr >= 0.00123457',
    'params.lr <= 0.1',
    'params.optimizer in ["adam"]',
  ]);
  expect(formatBrush({})).toBeUndefined();
  expect(parseBrush('no json')).toEqual({});
});

it('says the axes in an address and reads them back', () => {
  const axes = {
    axes: [
      { id: 'parameters:a,b', isLog: true },
      { id: 'output_metrics:loss', isLog: false },
    ],
    colour: 'output_metrics:loss',
  };
  expect(parseAxes(formatAxes(axes), [])).toEqual(axes);
  expect(movedAxis(axes.axes, 'output_metrics:loss', 'parameters:a,b').map(({ id }) => id)).toEqual([
    'output_metrics:loss',
    'parameters:a,b',
  ]);
});

it('draws every job of a parameter of several kinds, and tells a text from the number that it reads as', () => {
  const values = [1, '1', true, null, [1], 'a', '=x'];
  const mixed = makeAxis(
    { id: 'parameters:p', isLog: false },
    values.map((p) => jobSummary({ parameters: { p } })),
  );
  expect([...mixed.places].some(Number.isNaN)).toBe(false);
  expect(new Set(mixed.places).size).toBe(values.length);
  expect(values.map((value) => shownWord(wordOf(value)))).toEqual([
    '1',
    '“1”',
    'true',
    'none',
    '[1]',
    'a',
    '=x',
  ]);
  expect(values.map((value) => valueOfWord(wordOf(value)))).toEqual(values);
  expect(brushConditions(formatBrush({ 'parameters:p': values.slice(0, 4).map(wordOf) }))).toEqual([
    'params.p in [1, "1", true, null]',
  ]);
  expect(brushConditions(formatBrush({ 'parameters:p': ['=[1]'] }))).toEqual(['exists(params.p)']);
});
