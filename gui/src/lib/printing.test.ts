import { act, renderHook } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import { printWhole, usePrepared } from './printing';

const SCHEME = 'data-mantine-color-scheme';

afterEach(() => {
  document.documentElement.removeAttribute(SCHEME);
});

it('is dark again after a print of which the browser told twice', () => {
  document.documentElement.setAttribute(SCHEME, 'dark');
  window.dispatchEvent(new Event('beforeprint'));
  window.dispatchEvent(new Event('beforeprint'));
  expect(document.documentElement).toHaveAttribute(SCHEME, 'light');
  window.dispatchEvent(new Event('afterprint'));
  expect(document.documentElement).toHaveAttribute(SCHEME, 'dark');
});

it('prints once all is read and prepared, and then is as before', async () => {
  const { result } = renderHook(() => usePrepared());
  const seen: string[] = [];
  vi.stubGlobal('print', () => {
    seen.push('printed');
  });
  await act(() =>
    printWhole(() => {
      seen.push('read');
      return Promise.resolve();
    }),
  );
  vi.unstubAllGlobals();
  expect(seen[0]).toBe('read');
  expect(seen).toHaveLength(2);
  expect(result.current).toBe(false);
});
