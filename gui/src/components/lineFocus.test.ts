import { expect, it, vi } from 'vitest';

import { LineFocus } from './lineFocus';

it('tells who listens of a change, and of nothing else', () => {
  const focus = new LineFocus();
  const listener = vi.fn();
  const unhear = focus.hear(listener);
  focus.look('a');
  focus.look('a');
  expect(listener).toHaveBeenCalledTimes(1);
  unhear();
  focus.look(undefined);
  expect(listener).toHaveBeenCalledTimes(1);
  expect(focus.line).toBeUndefined();
});
