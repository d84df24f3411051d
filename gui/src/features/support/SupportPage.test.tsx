import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { paths } from '@/config/paths';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

const WELL = { healthy: true, problem: null, seconds: 0.01 };

it('tells the version and what is not well, at the old address of the contacts too', async () => {
  const ill = { healthy: false, problem: 'it does not answer', seconds: 2 };
  const services = { rest_api: WELL, scheduler: ill };
  server.use(http.get(paths.health, () => HttpResponse.json({ version: '0.1.0', services })));
  const { router } = renderRoute('/contact');
  expect(await screen.findByText('0.1.0')).toBeVisible();
  expect(screen.getByText('it does not answer')).toBeVisible();
  expect(router.state.location.pathname).toBe('/support');
});

it('leads to the documentation, whose pages lead to each other without another load', async () => {
  server.use(http.get(paths.health, () => HttpResponse.json({ version: '0.1.0', services: {} })));
  const { user, router } = renderRoute('/support');
  await user.click(await screen.findByRole('link', { name: 'Quickstart' }));
  expect(await screen.findByRole('heading', { level: 1, name: 'Quickstart' })).toBeVisible();
  const [link] = await screen.findAllByRole('link', { name: /job\.config\.yaml|Settings/ });
  if (link) await user.click(link);
  await expect.poll(() => router.state.location.pathname).toMatch(/^\/documentation\/reference\//);
});

it('helps where the documentation has no such page', async () => {
  renderRoute('/documentation/guides/nothing');
  expect(await screen.findByRole('heading', { name: 'There is no such page' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Tracking' })).toBeVisible();
});
