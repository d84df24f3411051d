import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { jobSummary } from '@/testing/fixtures';
import { answer } from '@/testing/jobTable';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

const PAGE = '/projects/digits/job_listing';

/** Keep views as the server does; tells what was asked of it. */
function keepViews(views: Record<string, Record<string, string>> = {}): string[] {
  const changes: string[] = [];
  const listed = () =>
    Object.entries(views).map(([name, search]) => ({ name, search, author: 'ann', time: 1_700_000_000 }));
  server.use(
    http.get('/api/v3/projects/digits/views', () => HttpResponse.json(listed())),
    http.put<{ name: string }, { search: Record<string, string> }>(
      '/api/v3/projects/digits/views/:name',
      async ({ params: { name }, request }) => {
        changes.push(`put ${name}`);
        if (name === 'refused') return HttpResponse.json({ detail: 'No such name.' }, { status: 400 });
        views[name] = (await request.json()).search;
        return HttpResponse.json(listed().at(-1));
      },
    ),
    http.delete<{ name: string }>('/api/v3/projects/digits/views/:name', ({ params: { name } }) => {
      changes.push(`delete ${name}`);
      views = Object.fromEntries(Object.entries(views).filter(([each]) => each !== name));
      return new HttpResponse(null, { status: 204 });
    }),
  );
  return changes;
}

it('keeps a view on the server under a name, and shows it again', async () => {
  answer(jobSummary({ job_id: 'job-a' }));
  const changes = keepViews({ other: { filter: 'user = "ann"' } });
  const { router, user } = renderRoute(`${PAGE}?sort=user`);
  await screen.findByRole('link', { name: 'job-a' });
  await user.click(screen.getByRole('button', { name: 'Views' }));
  await user.type(await screen.findByRole('textbox', { name: 'Name of this view' }), 'mine');
  await user.click(await screen.findByRole('button', { name: 'Save' }));
  expect(await screen.findByRole('button', { name: 'View: mine' })).toBeVisible();
  await user.click(await screen.findByRole('link', { name: 'other' }));
  await waitFor(() => {
    expect(router.state.location.search).toEqual({ filter: 'user = "ann"' });
  });
  await user.click(await screen.findByRole('button', { name: 'View: other' }));
  await user.click(await screen.findByRole('link', { name: 'mine' }));
  await waitFor(() => {
    expect(router.state.location.search).toEqual({ sort: 'user' });
  });
  await user.click(await screen.findByRole('button', { name: 'View: mine' }));
  await user.click(await screen.findByRole('button', { name: 'Forget the view mine' }));
  expect(await screen.findByRole('button', { name: 'Views' })).toBeVisible();
  expect(changes).toEqual(['put mine', 'delete mine']);
});

it('says why a view could not be kept, and lists it no more', async () => {
  answer(jobSummary({ job_id: 'job-a' }));
  server.use(
    http.put('/api/v3/projects/digits/views/:name', () =>
      HttpResponse.json({ code: 'forbidden', detail: 'Members keep views.' }, { status: 403 }),
    ),
  );
  const { user } = renderRoute(PAGE);
  await screen.findByRole('link', { name: 'job-a' });
  await user.click(screen.getByRole('button', { name: 'Views' }));
  await user.type(await screen.findByRole('textbox', { name: 'Name of this view' }), 'mine{Enter}');
  expect(await screen.findByRole('alert')).toHaveTextContent('Members keep views.');
  expect(screen.queryByRole('link', { name: 'mine' })).not.toBeInTheDocument();
});

it('brings the views to the server that only this browser knew', async () => {
  localStorage.setItem('views of digits', JSON.stringify([{ name: 'old', search: { sort: 'user' } }]));
  answer(jobSummary({ job_id: 'job-a' }));
  const changes = keepViews();
  const { user } = renderRoute(PAGE);
  await user.click(await screen.findByRole('button', { name: 'Views' }));
  expect(await screen.findByRole('link', { name: 'old' })).toHaveAttribute('href', `${PAGE}?sort=user`);
  expect(changes).toEqual(['put old']);
  await waitFor(() => {
    expect(localStorage.getItem('views of digits')).toBeNull();
  });
});

it('moves every view of this browser for itself, beside another one of its name', async () => {
  const old = [
    { name: 'best', search: { sort: 'user' } },
    { name: 'refused', search: { sort: 'status' } },
    { name: 'same', search: { filter: 'user = "ann"' } },
    { name: 'other', search: { group: 'rate' } },
  ];
  localStorage.setItem('views of digits', JSON.stringify(old));
  answer(jobSummary({ job_id: 'job-a' }));
  keepViews({ best: { sort: '-user' }, same: { filter: 'user = "ann"' } });
  const { user } = renderRoute(PAGE);
  await user.click(await screen.findByRole('button', { name: 'Views' }));
  expect(await screen.findByRole('link', { name: 'other' })).toHaveAttribute('href', `${PAGE}?group=rate`);
  expect(screen.getByRole('link', { name: 'best' })).toHaveAttribute('href', `${PAGE}?sort=-user`);
  expect(screen.getByRole('link', { name: 'best (CE User)' })).toHaveAttribute('href', `${PAGE}?sort=user`);
  expect(screen.queryByRole('link', { name: 'same (CE User)' })).not.toBeInTheDocument();
  expect(JSON.parse(localStorage.getItem('views of digits') ?? '')).toEqual([old[1]]);
  localStorage.clear();
});
