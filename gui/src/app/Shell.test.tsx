import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, it } from 'vitest';

import { paths } from '@/config/paths';
import { project } from '@/testing/fixtures';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

beforeEach(() => {
  server.use(
    http.get(paths.projects, () => HttpResponse.json([project('digits', { jobs: 3 })])),
    http.get('/api/v3/jobs', () =>
      HttpResponse.json({
        total: 1,
        jobs: [{ job_id: '3f3eda85-1c1f-4f6e-a2b0-5d1de92b7a01', project: 'digits', status: 'failed' }],
      }),
    ),
  );
});

it('finds a job by the beginning of its id', async () => {
  const { user } = renderRoute('/components');
  await screen.findByRole('heading', { name: 'Components' });
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox'), '3f3e');
  expect(await screen.findByRole('option', { name: /3f3eda85/ })).toBeVisible();
});

it('goes to the queue page from the keyboard, and shows its keys', async () => {
  const { user, router } = renderRoute('/components');
  await screen.findByRole('heading', { name: 'Components' });
  await user.keyboard('?');
  expect(await screen.findByText('Go to the queue')).toBeVisible();
  await user.keyboard('{Escape}gp');
  await screen.findByRole('heading', { name: 'Projects' });
  expect(router.state.location.pathname).toBe('/projects');
});

it('shows who is logged in, where people log in', async () => {
  server.use(http.get(paths.session, () => HttpResponse.json({ login: true, user: 'ada', role: 'member' })));
  const { user } = renderRoute('/components');
  await user.click(await screen.findByRole('button', { name: 'Logged in as ada' }));
  expect(await screen.findByText('Log out')).toBeInTheDocument();
});

it('offers the way in to who is not logged in', async () => {
  server.use(http.get(paths.session, () => HttpResponse.json({ detail: 'Log in.' }, { status: 401 })));
  renderRoute('/components');
  expect(await screen.findByRole('link', { name: 'Log in' })).toHaveAttribute(
    'href',
    expect.stringContaining('/api/v3/auth/login?next='),
  );
});
