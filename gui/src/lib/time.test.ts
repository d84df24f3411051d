import { describe, expect, it } from 'vitest';

import { formatAgo, formatMoment, parseUtc } from './time';

describe('parseUtc', () => {
  it('takes a text without a zone as UTC', () => {
    expect(parseUtc('2026-01-06T12:00:00.123456')).toBe(Date.UTC(2026, 0, 6, 12, 0, 0, 123));
    expect(parseUtc('2026-01-06T12:00:00')).toBe(Date.UTC(2026, 0, 6, 12));
  });

  it('believes a text that names its zone', () => {
    expect(parseUtc('2026-01-06T12:00:00+02:00')).toBe(Date.UTC(2026, 0, 6, 10));
  });

  it('finds no moment where there is none', () => {
    expect(parseUtc(null)).toBeUndefined();
    expect(parseUtc('yesterday')).toBeUndefined();
  });
});

describe('formatMoment', () => {
  const now = new Date(2026, 0, 6, 15, 0).getTime();

  it('shows the time alone for today', () => {
    expect(formatMoment(new Date(2026, 0, 6, 9, 5).getTime(), now)).toMatch(/^Today, 0?9:05/);
  });

  it('adds the day, and the year once it is another one', () => {
    expect(formatMoment(new Date(2026, 0, 5, 9, 5).getTime(), now)).not.toContain('2026');
    expect(formatMoment(new Date(2024, 0, 5, 9, 5).getTime(), now)).toContain('2024');
  });
});

it.each([
  [10, 'just now'],
  [60, '1 minute ago'],
  [7300, '2 hours ago'],
  [3 * 86_400, '3 days ago'],
  [-50, 'just now'],
])('says of %d seconds that they are %s', (seconds, text) => {
  expect(formatAgo(1e12 - seconds * 1000, 1e12)).toBe(text);
});
