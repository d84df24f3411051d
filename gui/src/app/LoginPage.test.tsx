import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { paths } from '@/config/paths';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

function answer(session: object, status = 200): void {
  server.use(http.get(paths.session, () => HttpResponse.json(session, { status })));
}

it('says that no login is needed where nobody logs in, and leads on', async () => {
  answer({ login: false, user: 'CE User', role: 'admin' });
  renderRoute('/login');
  expect(await screen.findByRole('heading', { name: 'No login is needed here' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Go to all projects' })).toHaveAttribute('href', '/projects');
});

it('says who is logged in already', async () => {
  answer({ login: true, user: 'ada', role: 'member' });
  renderRoute('/login');
  expect(await screen.findByRole('heading', { name: 'You are logged in as ada' })).toBeVisible();
});

it('leads a stranger to where people log in', async () => {
  answer({ detail: 'Log in.' }, 401);
  renderRoute('/login');
  expect(await screen.findByRole('heading', { name: 'Welcome' })).toBeVisible();
  for (const link of screen.getAllByRole('link', { name: 'Log in' })) {
    expect(link).toHaveAttribute('href', expect.stringContaining('/api/v3/auth/login?next='));
  }
});
