import { expect, it } from 'vitest';

import { curveOf } from './groupCurve';

it('draws the mean of curves between the least and the most, where each has points', () => {
  const curve = curveOf(
    [
      { x: [0, 1, 2], y: [0, 1, 2] },
      { x: [1, 2], y: [3, 4] },
    ],
    true,
  );
  expect(curve).toEqual({
    x: [0, 1, 2],
    y: [0, 2, 3],
    band: { low: [0, 1, 2], high: [0, 3, 4] },
  });
  expect(curveOf([], true).x).toEqual([]);
});

it('has places between whole numbers where the axis has', () => {
  const curve = curveOf([{ x: [0, 0.5, 1], y: [0, 1, 2] }], false);
  expect(curve.x.length).toBeGreaterThan(100);
  expect(curve.y.at(-1)).toBe(2);
});
