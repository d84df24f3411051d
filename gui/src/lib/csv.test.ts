import { expect, it } from 'vitest';

import { parseCsv } from './csv';

it('reads cells, quoted ones too', () => {
  expect(parseCsv('a,"b, c"\r\n1,"say ""hi""\nthere"\n')).toEqual({
    head: ['a', 'b, c'],
    rows: [['1', 'say "hi"\nthere']],
  });
});

it('reads a table between tabs, and one without an end of line', () => {
  expect(parseCsv('a\tb\n1\t2', '\t')).toEqual({ head: ['a', 'b'], rows: [['1', '2']] });
});

it('keeps the cells of a row that is longer than the head', () => {
  expect(parseCsv('a\n1,2,3\n4\n')).toEqual({ head: ['a', '', ''], rows: [['1', '2', '3'], ['4']] });
});
