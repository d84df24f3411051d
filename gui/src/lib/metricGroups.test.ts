import { expect, it } from 'vitest';

import { metricGroups, nameIn } from './metricGroups';

const NAMES = ['train/loss', 'loss', 'val/a/f1', 'train/acc', '/odd', 'odd/'];

it('puts metrics into sections by what stands before the last slash, those without one first', () => {
  expect(metricGroups(NAMES)).toEqual([
    { prefix: '', names: ['loss', '/odd', 'odd/'] },
    { prefix: 'train', names: ['train/loss', 'train/acc'] },
    { prefix: 'val/a', names: ['val/a/f1'] },
  ]);
  expect(nameIn('val/a', 'val/a/f1')).toBe('f1');
  expect(nameIn('', '/odd')).toBe('/odd');
});

it('finds metrics by words of their names', () => {
  expect(metricGroups(NAMES, ' LOSS tr')).toEqual([{ prefix: 'train', names: ['train/loss'] }]);
  expect(metricGroups(NAMES, 'nothing')).toEqual([]);
});
