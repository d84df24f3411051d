import { expect, it } from 'vitest';

import { dotScale, shortened } from './dotScale';

const SIZE = { width: 320, height: 170 };

it('marks spans of time as people count them', () => {
  const scale = dotScale(
    [
      { x: 0, y: 0 },
      { x: 20_000, y: 1 },
    ],
    { ...SIZE, width: 800, axis: 'time' },
  );
  expect(scale.marksX.map(({ word }) => word)).toEqual(['0s', '1h', '2h', '3h', '4h', '5h']);
});

it('lets no word stand over an edge', () => {
  const places = [0, 1e6].map((x) => ({ x, y: 0 }));
  const { marksX } = dotScale(places, { ...SIZE, axis: 'plain' });
  expect(marksX.at(-1)).toMatchObject({ word: '1000000', anchor: 'end' });
});

it('cuts words to the room that they have, and leaves some out where there is none', () => {
  const few = dotScale([], { ...SIZE, axis: 'plain', words: ['adam', 'a very long name of an optimizer'] });
  expect(few.marksX.map(({ word }) => word.endsWith('…'))).toEqual([false, true]);
  const words = Array.from({ length: 40 }, (_, index) => `word ${index}`);
  const { marksX } = dotScale([], { ...SIZE, axis: 'plain', words });
  expect(marksX.length).toBeLessThan(10);
  expect(marksX[1]?.x).toBeGreaterThan((marksX[0]?.x ?? 0) + 30);
});

it('draws places that are all the same, or none', () => {
  const one = dotScale([{ x: 3, y: 5 }], { ...SIZE, axis: 'log' });
  expect([one.x(3), one.y(5)].every(Number.isFinite)).toBe(true);
  expect(dotScale([], { ...SIZE, axis: 'log' }).marksY.length).toBeGreaterThan(0);
});

it('counts letters, not halves of them', () => {
  expect(shortened('𝒶𝒷𝒸𝒹', 3)).toBe('𝒶𝒷…');
});
