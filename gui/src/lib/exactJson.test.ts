import { expect, it } from 'vitest';

import { parseExact, writtenNumber } from './exactJson';

it('keeps the digits of a long number', () => {
  const value = parseExact(
    '{"a": 12345678901234567890, "b": [1, -2.5, 1.0], "12345678901234567890": "99999999999999999999"}',
  );
  expect(value).toMatchObject({ '12345678901234567890': '99999999999999999999' });
  const { a, b } = value as { a: string; b: (string | number)[] };
  expect(writtenNumber(a)).toBe('12345678901234567890');
  expect(b.map((each) => writtenNumber(each) ?? each)).toEqual([1, -2.5, '1.0']);
});

it('reads no other text as JSON', () => {
  expect(parseExact('{"a": NaN}')).toBeUndefined();
  expect(parseExact('01')).toBeUndefined();
  expect(parseExact('{1: 2}')).toBeUndefined();
  expect(parseExact('{1.0: 2}')).toBeUndefined();
});
