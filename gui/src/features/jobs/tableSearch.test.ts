import { expect, it } from 'vitest';

import { formatSort, parseSort, parseTableSearch } from './tableSearch';

it('reads the order from an address and writes it again', () => {
  expect(parseSort('-output_metrics:loss')).toEqual([{ id: 'output_metrics:loss', desc: true }]);
  expect(formatSort(parseSort('-output_metrics:loss'))).toBe('-output_metrics:loss');
  expect(formatSort(parseSort('user'))).toBe('user');
});

it('leaves the server’s order when the address asks for none', () => {
  expect(parseSort(undefined)).toEqual([]);
  expect(formatSort([])).toBeUndefined();
});

it('takes from an address only what it knows', () => {
  expect(parseTableSearch({ sort: 'user', filter: 12, other: 'x' })).toEqual({ sort: 'user', filter: '12' });
  expect(parseTableSearch({ sort: ['user'], filter: '' })).toEqual({});
});
