import { expect, it } from 'vitest';

import { PLAIN } from './chartChoice';
import { choiceOf, parseChartSearch, searchOf } from './chartSearch';

it('leaves out of an address what is plain, and what nobody can choose', () => {
  expect(parseChartSearch({ ...searchOf(PLAIN), axis: 'sideways', smoothing: 7, log: 'yes' })).toEqual({});
});

it('finds the same choice again', () => {
  const choice = {
    axis: 'relative' as const,
    xMetric: 'epoch',
    isLog: true,
    isLogX: true,
    smoothing: 0.4,
    hasEnvelope: true,
  };
  expect(choiceOf(parseChartSearch({ ...searchOf(choice) }))).toEqual(choice);
});
