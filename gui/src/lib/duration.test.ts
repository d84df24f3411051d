import { describe, expect, it } from 'vitest';

import { formatDuration, parseDuration } from './duration';

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [0.4, '0.4s'],
    [1, '1s'],
    [12.4, '12s'],
    [59.6, '1m'],
    [62, '1m 2s'],
    [3600, '1h'],
    [3661, '1h 1m'],
    [90_061, '1d 1h'],
    [86_459, '1d'],
  ])('shows %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('parseDuration', () => {
  it('reads the server’s text', () => {
    expect(parseDuration('1d2h3m4s')).toBe(93_784);
    expect(parseDuration('0d0h0m0s')).toBe(0);
  });

  it('finds nothing in anything else', () => {
    expect(parseDuration(null)).toBeUndefined();
    expect(parseDuration('soon')).toBeUndefined();
  });
});
