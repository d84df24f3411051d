import { act, renderHook } from '@testing-library/react';
import { expect, it } from 'vitest';

import type { PlotAxis } from './plotAxes';
import { useZoom } from './useZoom';

it('forgets what was looked at closely with the axis on which it was', () => {
  const first: { axis: PlotAxis } = { axis: 'step' };
  const { result, rerender } = renderHook(({ axis }) => useZoom(axis), { initialProps: first });
  act(() => {
    result.current[1]([0, 1000]);
  });
  expect(result.current[0]).toEqual([0, 1000]);
  rerender({ axis: 'time' });
  expect(result.current[0]).toBeUndefined();
  rerender({ axis: 'step' });
  expect(result.current[0]).toBeUndefined();
});
