import { describe, expect, it } from 'vitest';

import {
  formatBytes,
  formatDistinct,
  formatNumber,
  formatValue,
  fullValue,
  numberOf,
  ownValue,
} from './values';

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [64, '64'],
    [123456, '123456'],
    [-3, '−3'],
    [2.222, '2.222'],
    [6.333333333, '6.3333'],
    [0.1 + 0.2, '0.3'],
    [0.0003, '0.0003'],
    [0.00002, '2e−5'],
    [-0.00002, '−2e−5'],
    [999999999.9, '1e9'],
    [8.888888888888889e24, '8.889e24'],
    [NaN, 'NaN'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
  ])('shows %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

describe('numberOf', () => {
  it('reads the words for numbers that JSON cannot hold', () => {
    expect(numberOf('NaN')).toBeNaN();
    expect(numberOf('Infinity')).toBe(Infinity);
    expect(numberOf('-Infinity')).toBe(-Infinity);
  });

  it('takes no other text for a number', () => {
    expect(numberOf('12')).toBeUndefined();
    expect(numberOf(true)).toBeUndefined();
  });
});

describe('formatValue', () => {
  it.each([
    [undefined, ''],
    [null, 'none'],
    [true, 'true'],
    ['adam', 'adam'],
    [[64, 0.123456789, 'relu'], '[64, 0.12346, relu]'],
    [[], '[]'],
    [{ depth: 3 }, '{"depth":3}'],
  ])('shows %j as %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});

it('keeps every digit for those who look closer', () => {
  expect(fullValue(6.333333333)).toBe('6.333333333');
  expect(fullValue(undefined)).toBe('not logged');
});

it.each([
  [812, '812 B'],
  [1234, '1.2 kB'],
  [18_000, '18 kB'],
  [1_234_567, '1.2 MB'],
  [5e15, '5000 TB'],
])('shows a size of %d bytes as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it('does not let a text be read backwards', () => {
  expect(formatValue('\u202eevil')).toBe('⟨U+202E⟩evil');
});

it('tells a text from what it reads as', () => {
  expect(['1', '-0.5', '1e-3', 'true', '', 'adam'].map(formatDistinct)).toEqual([
    '“1”',
    '“-0.5”',
    '“1e-3”',
    '“true”',
    '“”',
    'adam',
  ]);
  expect([1, true, null].map(formatDistinct)).toEqual(['1', 'true', 'none']);
});

it('knows no value that nobody gave', () => {
  expect(ownValue({}, '__proto__')).toBeUndefined();
  expect(ownValue(undefined, 'a')).toBeUndefined();
  expect(ownValue({ a: 1 }, 'a')).toBe(1);
});
