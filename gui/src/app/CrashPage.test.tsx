import { MantineProvider } from '@mantine/core';
import { render, screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import { isMissingPart, partBy } from '@/lib/missingPart';
import { server } from '@/testing/server';

import { CrashPage } from './CrashPage';
import { MissingPartPage } from './MissingPartPage';

const LATE = new Error('Unable to preload CSS for /assets/Meter-BxYz.css');

function show(element: React.ReactElement): void {
  render(<MantineProvider env="test">{element}</MantineProvider>);
}

it('says that the server is away where a part of the page did not arrive, and goes on once it is back', async () => {
  let isBack = false;
  server.use(http.get('/', () => (isBack ? HttpResponse.text('<html>') : HttpResponse.error())));
  const onBack = vi.fn();
  show(<MissingPartPage onBack={onBack} />);
  expect(await screen.findByRole('heading', { name: 'The server does not answer' })).toBeVisible();
  expect(onBack).not.toHaveBeenCalled();
  isBack = true;
  await waitFor(() => {
    expect(onBack).toHaveBeenCalledOnce();
  });
});

it('does not load a page in a circle of which a part is missing for good', async () => {
  server.use(http.get('/', () => HttpResponse.text('<html>')));
  sessionStorage.setItem('loaded again at', String(Date.now()));
  show(<CrashPage error={LATE} />);
  expect(await screen.findByRole('button', { name: 'Load the page again' })).toBeVisible();
});

it('tells a missing part from an error of the page', async () => {
  await expect(partBy(() => Promise.reject(new Error('x')))()).rejects.toSatisfy(isMissingPart);
  expect(isMissingPart(new TypeError('Failed to fetch dynamically imported module: /a.js'))).toBe(true);
  expect(isMissingPart(new Error('x is undefined'))).toBe(false);
});
