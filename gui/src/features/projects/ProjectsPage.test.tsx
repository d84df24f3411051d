import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { paths } from '@/config/paths';
import { FakeEventSource, sendEvent } from '@/testing/eventSource';
import { project } from '@/testing/fixtures';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

function answer(...projects: ReturnType<typeof project>[]): void {
  server.use(http.get(paths.projects, () => HttpResponse.json(projects)));
}

it('lists the projects with their jobs by state, each a link to its jobs', async () => {
  answer(project('digits', { by_status: { completed: 1210, failed: 2 } }));
  renderRoute('/');
  const link = await screen.findByRole('link', { name: 'digits' });
  expect(link).toHaveAttribute('href', '/projects/digits/job_listing');
  const counts = within(screen.getByRole('list', { name: 'Jobs of digits' }));
  expect(counts.getByText('1,210 completed')).toBeVisible();
  expect(counts.getByText('2 failed')).toBeVisible();
});

it('shows the tags of the jobs, each a link to the jobs that have it', async () => {
  answer(project('digits', { tags: ['best', 'to do', 'c', 'd', 'e', 'f', 'g'] }));
  renderRoute('/projects');
  const tags = within(await screen.findByRole('list', { name: 'Tags of digits' }));
  expect(tags.getByRole('link', { name: 'Jobs of digits tagged to do' })).toHaveAttribute(
    'href',
    `/projects/digits/job_listing?filter=${encodeURIComponent('tags."to do"').replaceAll('%20', '+')}`,
  );
  expect(tags.getByText('and 1 more')).toBeVisible();
  expect(tags.queryByText('g')).not.toBeInTheDocument();
});

it('narrows the list to what is searched for, and says when nothing is found', async () => {
  answer(project('digits'), project('speech'));
  const { user } = renderRoute('/projects');
  const search = await screen.findByRole('searchbox', { name: 'Find a project' });
  await user.type(search, 'spe');
  expect(screen.getByRole('link', { name: 'speech' })).toBeVisible();
  expect(screen.queryByRole('link', { name: 'digits' })).not.toBeInTheDocument();
  await user.type(search, 'x');
  expect(screen.getByRole('heading', { name: 'No project is called or tagged “spex”' })).toBeVisible();
  await user.keyboard('{Escape}');
  expect(screen.getByRole('link', { name: 'digits' })).toBeVisible();
});

it('finds again what was looked for, and in which order, from the address alone', async () => {
  answer(
    project('speech', { jobs: 1, creation_time: 2 }),
    project('digits', { creation_time: 3 }),
    project('speech-2', { jobs: 9, creation_time: 1 }),
  );
  const { user, router } = renderRoute('/projects?find=spee&order=jobs');
  const links = await screen.findAllByRole('link', { name: /^speech/ });
  expect(links.map(({ textContent }) => textContent)).toEqual(['speech-2', 'speech']);
  expect(screen.queryByRole('link', { name: 'digits' })).not.toBeInTheDocument();
  await user.type(screen.getByRole('searchbox', { name: 'Find a project' }), 'ch-2');
  await expect.poll(() => router.state.location.search).toEqual({ find: 'speech-2', order: 'jobs' });
});

it('shows the signs that would turn a name round as their codes', async () => {
  answer(project('evil\u202eeman'));
  renderRoute('/projects');
  const link = await screen.findByRole('link', { name: 'evil⟨U+202E⟩eman' });
  expect(link.firstElementChild?.tagName).toBe('BDI');
});

it('shows how to start when there is no project', async () => {
  answer();
  renderRoute('/projects');
  expect(await screen.findByRole('heading', { name: 'Track your first job' })).toBeVisible();
  expect(screen.getByText(/import foundations/)).toBeVisible();
});

it('says why the projects could not be read, and reads them when asked again', async () => {
  server.use(
    http.get(paths.projects, () => HttpResponse.json({ code: 'x', detail: 'No room.' }, { status: 507 })),
  );
  const { user } = renderRoute('/projects');
  expect(await screen.findByText('No room.')).toBeVisible();
  answer(project('digits'));
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('link', { name: 'digits' })).toBeVisible();
});

it('shows a new project as soon as the server tells of it', async () => {
  answer();
  renderRoute('/projects');
  await screen.findByRole('heading', { name: 'Track your first job' });
  answer(project('digits'));
  sendEvent({ kind: 'job.created', job_id: 'a', project: 'digits' });
  expect(await screen.findByRole('link', { name: 'digits' })).toBeVisible();
});

it('says when the connection is lost', async () => {
  answer();
  renderRoute('/projects');
  await screen.findByRole('heading', { name: 'Track your first job' });
  FakeEventSource.current.onerror?.();
  expect(await screen.findByText('Reconnecting')).toBeVisible();
});

it('helps at an address that leads nowhere', async () => {
  renderRoute('/nowhere');
  expect(await screen.findByRole('heading', { name: 'No page has this address' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Go to all projects' })).toHaveAttribute('href', '/projects');
});
