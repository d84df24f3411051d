import { afterEach, expect, it } from 'vitest';

import './printing';

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
