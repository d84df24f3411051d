import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, it, vi } from 'vitest';

import { paths } from '@/config/paths';
import { hasDraft } from '@/lib/drafts';
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

it('asks before a log-out drops what is not sent, and leaves nothing of it to whoever comes next', async () => {
  const logOuts: string[] = [];
  server.use(
    http.get(paths.session, () => HttpResponse.json({ login: true, user: 'ada', role: 'member' })),
    http.post(paths.logout, ({ request }) => {
      logOuts.push(request.url);
      return HttpResponse.json({ left: '', page: '#left' });
    }),
  );
  sessionStorage.setItem('draft of a comment', '"of ada"');
  const confirm = vi.spyOn(window, 'confirm').mockReturnValueOnce(false).mockReturnValueOnce(true);
  const { user } = renderRoute('/components');
  for (const asked of [1, 2]) {
    expect(hasDraft('a comment')).toBe(true);
    await user.click(await screen.findByRole('button', { name: 'Logged in as ada' }));
    await user.click(await screen.findByText('Log out'));
    expect(confirm).toHaveBeenCalledTimes(asked);
  }
  await waitFor(() => {
    expect(hasDraft('a comment')).toBe(false);
  });
  expect(logOuts).toHaveLength(1);
});

it('offers the way in to who is not logged in', async () => {
  server.use(http.get(paths.session, () => HttpResponse.json({ detail: 'Log in.' }, { status: 401 })));
  renderRoute('/components');
  expect(await screen.findByRole('link', { name: 'Log in' })).toHaveAttribute(
    'href',
    expect.stringContaining('/api/v3/auth/login?next='),
  );
});
