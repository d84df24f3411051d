import { expect, it } from 'vitest';

import { axisOf } from './parameterAxis';

const FINE = Array.from({ length: 40 }, (_, index) => index / 39);

it('gives words, truths and lists places of their own', () => {
  expect(axisOf(['sgd', 'adam', 'sgd']).words).toEqual(['adam', 'sgd']);
  expect(axisOf([true, false, '1', 1]).words).toEqual(['“1”', '1', 'false', 'true']);
  expect(axisOf([[64], [32, 'x']]).placeOf([64])).toBe(1);
});

it('gives the numbers of a short list places in their order', () => {
  const axis = axisOf([1, 2, 16, 16, 2, 1, 128, 128]);
  expect(axis.words).toEqual(['1', '2', '16', '128']);
  expect(axis.placeOf(16)).toBe(2);
  expect(axis.placeOf(undefined)).toBeUndefined();
});

it('takes the scale on which the numbers lie evenly', () => {
  expect(axisOf(FINE.map((share) => 10 ** (-5 * share))).isLog).toBe(true);
  expect(axisOf(FINE.map((share) => 0.01 + share)).isLog).toBe(false);
  expect(axisOf(FINE.map((share) => share - 0.5)).isLog).toBe(false);
  expect(axisOf(FINE).words).toBeUndefined();
});
