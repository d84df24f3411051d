import { describe, expect, it } from 'vitest';

import { metric } from '@/testing/fixtures';
import type { Series } from '@/types/api';

import { axisFor, hasSteps, positive, smooth, splitMetrics, toChart } from './chartData';

function series(part: Partial<Series>): Series {
  return { name: 'loss', values: [3, 2, 1], times: [100, 101, 102], steps: [0, 10, 20], ...part };
}

describe('toChart', () => {
  it('draws over the steps', () => {
    expect(toChart(series({}), 'step', 100)).toEqual({ x: [0, 10, 20], y: [3, 2, 1] });
  });

  it('draws over the seconds since the job began', () => {
    expect(toChart(series({}), 'relative', 90).x).toEqual([10, 11, 12]);
  });

  it('draws over the time of day', () => {
    expect(toChart(series({}), 'time', 90).x).toEqual([100, 101, 102]);
  });

  it('counts the points from one', () => {
    expect(toChart(series({ steps: [null, null, null] }), 'point', 90).x).toEqual([1, 2, 3]);
  });

  it('leaves a gap where a value is no finite number', () => {
    expect(toChart(series({ values: [1, 'NaN', 'Infinity'] }), 'step', 0).y).toEqual([1, null, null]);
  });

  it('orders steps that came out of order', () => {
    expect(toChart(series({ steps: [20, 0, 10] }), 'step', 0)).toEqual({ x: [0, 10, 20], y: [2, 1, 3] });
  });
});

it('counts the points of a metric without steps, unless the server left some out', () => {
  const without = series({ steps: [0, null, 2] });
  expect(axisFor(series({}), 'step', 3)).toBe('step');
  expect(axisFor(without, 'step', 3)).toBe('point');
  expect(axisFor(without, 'step', 5000)).toBe('relative');
  expect(axisFor(without, 'time', 3)).toBe('time');
});

it('smooths without starting at zero, and keeps gaps', () => {
  expect(smooth([4, null, 4], 0.9)).toEqual([4, null, 4]);
  const [first = 0, second = 0] = smooth([0, 1], 0.5) as number[];
  expect([first, Number(second.toFixed(3))]).toEqual([0, 0.667]);
});

it('leaves out what a logarithm does not have', () => {
  expect(positive([1, 0, -1, null, 2])).toEqual([1, null, null, null, 2]);
});

it('knows whether every point has a step', () => {
  expect(hasSteps(series({}))).toBe(true);
  expect(hasSteps(series({ steps: [0, null, 1] }))).toBe(false);
  expect(hasSteps(series({ steps: [] }))).toBe(false);
});

it('makes a line of metrics that moved, and shows the others as they are', () => {
  const words = { count: 5, first: 'a', last: 'b', min: null, max: null, last_time: 0 };
  expect(splitMetrics({ loss: metric(60, 1), final: metric(1, 1), phase: words })).toEqual({
    lines: ['loss'],
    values: ['final', 'phase'],
  });
});
