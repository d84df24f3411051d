import { expect, it } from 'vitest';

import { changedSearch, formatSort, nextOrder, parseSort, parseTableSearch, serverSort } from './tableSearch';

it('reads the order from an address and writes it again', () => {
  expect(parseSort('-output_metrics:loss')).toEqual({ id: 'output_metrics:loss', desc: true });
  expect(formatSort(parseSort('-output_metrics:loss'))).toBe('-output_metrics:loss');
  expect(formatSort(parseSort('user'))).toBe('user');
});

it('leaves the server’s order when the address asks for none', () => {
  expect(parseSort(undefined)).toBeUndefined();
  expect(serverSort(undefined)).toBe('');
});

it('asks the server for the statistic that is shown', () => {
  expect(serverSort('-output_metrics:loss@min')).toBe('-metrics.loss.min');
  expect(serverSort('output_metrics:loss@best')).toBe('metrics.loss.min');
  expect(serverSort('parameters:learning rate')).toBe('params."learning rate"');
});

it('turns the order round, and then leaves it', () => {
  const first = nextOrder(undefined, 'user', false);
  const second = nextOrder(first, 'user', false);
  expect([first, second, nextOrder(second, 'user', false)]).toEqual([
    { id: 'user', desc: false },
    { id: 'user', desc: true },
    undefined,
  ]);
});

it('takes from an address only what it knows', () => {
  expect(parseTableSearch({ sort: 'user', filter: 12, other: 'x' })).toEqual({ sort: 'user', filter: '12' });
  expect(parseTableSearch({ sort: ['user'], filter: '' })).toEqual({});
});

it('leaves out what a change takes away', () => {
  expect(changedSearch({ sort: 'user', filter: 'a' }, { filter: undefined, group: 'parameters:lr' })).toEqual(
    {
      sort: 'user',
      group: 'parameters:lr',
    },
  );
});
