import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, it } from 'vitest';

import { JOB_ID, jobSummary } from '@/testing/fixtures';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

import { drawnMetrics, lastValues, movedPlace } from './recent';

const PAGE = '/projects/digits/overview';
const DESCRIPTION = '/api/v3/projects/digits/description';
const NOTES = '/api/v3/projects/digits/notes';

beforeEach(() => {
  server.use(
    http.get('/api/v3/projects/digits/jobs', () =>
      HttpResponse.json({ jobs: [jobSummary({ metrics: { loss: 1 } })], total: 1, cursor: null }),
    ),
    http.get(DESCRIPTION, () =>
      HttpResponse.json({ text: '# Hello', versions: [{ time: 1, author: 'ada', text: '# Hello' }] }),
    ),
    http.get(NOTES, () =>
      HttpResponse.json([
        { time: 1_767_700_000, message: 'first', author: 'ada' },
        { time: 1_767_700_001, message: `Job ${JOB_ID}: the best`, author: 'bob' },
      ]),
    ),
  );
});

it('shows the description, the comments and the metrics of recent jobs', async () => {
  renderRoute(PAGE);
  expect(await screen.findByRole('heading', { name: 'Hello' })).toBeVisible();
  expect(await screen.findByText('first')).toBeVisible();
  expect(screen.getByText('the best')).toBeVisible();
  const comments = within(screen.getByRole('region', { name: /^Comments/ }));
  expect(comments.getByTitle(JOB_ID)).toBeVisible();
  expect(await screen.findByRole('checkbox', { name: 'loss' })).toBeChecked();
});

it('keeps what is written when somebody else was faster', async () => {
  server.use(
    http.put(DESCRIPTION, () =>
      HttpResponse.json({ code: 'conflict', detail: 'Somebody was faster.' }, { status: 409 }),
    ),
  );
  const { user } = renderRoute(PAGE);
  await user.click(await screen.findByRole('button', { name: 'Edit' }));
  const text = await screen.findByRole('textbox', { name: 'Description, in Markdown' });
  await user.type(text, ' again');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Somebody was faster.', { exact: false })).toBeVisible();
  expect(text).toHaveValue('# Hello again');
});

it('keeps an unsaved description while one is on another page', async () => {
  const { user, router } = renderRoute(PAGE);
  await user.click(await screen.findByRole('button', { name: 'Edit' }));
  await user.type(await screen.findByRole('textbox', { name: 'Description, in Markdown' }), ' again');
  await act(() => router.navigate({ to: '/components' }));
  await screen.findByRole('heading', { name: 'Components' });
  await act(() => router.navigate({ to: '/projects/$project/overview', params: { project: 'digits' } }));
  const text = await screen.findByRole('textbox', { name: 'Description, in Markdown' });
  expect(text).toHaveValue('# Hello again');
  const leave = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(leave);
  expect(leave.defaultPrevented).toBe(true);
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  await user.click(await screen.findByRole('button', { name: 'Edit' }));
  expect(await screen.findByRole('textbox', { name: 'Description, in Markdown' })).toHaveValue('# Hello');
});

it('keeps the editor while the server is away', async () => {
  const { user, queryClient } = renderRoute(PAGE);
  await user.click(await screen.findByRole('button', { name: 'Edit' }));
  await user.type(await screen.findByRole('textbox', { name: 'Description, in Markdown' }), ' again');
  server.use(
    http.get('/api/v3/projects/digits/jobs', () => HttpResponse.error()),
    http.get(DESCRIPTION, () => HttpResponse.error()),
  );
  await act(() => queryClient.invalidateQueries());
  expect(screen.getByRole('textbox', { name: 'Description, in Markdown' })).toHaveValue('# Hello again');
});

it('shows what somebody else saved meanwhile, and saves over it only when told to', async () => {
  let saved = '# Hello';
  const theirs = '# Theirs';
  server.use(
    http.get(DESCRIPTION, () =>
      HttpResponse.json({ text: saved, versions: [{ time: 2, author: 'bob', text: saved }] }),
    ),
    http.put(DESCRIPTION, async ({ request }) => {
      const { text, replaces } = (await request.json()) as { text: string; replaces: string };
      if (replaces !== saved) return HttpResponse.json({ detail: 'Meanwhile.' }, { status: 409 });
      saved = text;
      return HttpResponse.json({ text, versions: [] });
    }),
  );
  const { user } = renderRoute(PAGE);
  await user.click(await screen.findByRole('button', { name: 'Edit' }));
  const text = await screen.findByRole('textbox', { name: 'Description, in Markdown' });
  await user.type(text, ' mine');
  saved = theirs;
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('bob saved another text')).toBeVisible();
  expect(screen.getByRole('textbox', { name: 'The text that was saved meanwhile' })).toHaveValue(theirs);
  expect(text).toHaveValue('# Hello mine');
  await user.click(screen.getByRole('button', { name: 'Put it before mine, to edit both' }));
  expect(text).toHaveValue('# Theirs\n\n# Hello mine');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => {
    expect(saved).toBe('# Theirs\n\n# Hello mine');
  });
  expect(await screen.findByRole('heading', { name: 'Hello mine' })).toBeVisible();
});

it('saves a description once, and keeps what is typed while it is on its way', async () => {
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const saves: unknown[] = [];
  server.use(
    http.put(DESCRIPTION, async ({ request }) => {
      saves.push(await request.json());
      await arrived;
      return HttpResponse.json({ text: '', versions: [] });
    }),
    http.get(DESCRIPTION, () => {
      const text = saves.length > 0 ? '# Hello again' : '# Hello';
      return HttpResponse.json({ text, versions: [{ time: 1, author: 'ada', text }] });
    }),
  );
  const { user } = renderRoute(PAGE);
  await user.click(await screen.findByRole('button', { name: 'Edit' }));
  const text = await screen.findByRole('textbox', { name: 'Description, in Markdown' });
  await user.type(text, '{Control>}{Enter}{/Control}');
  await user.type(text, ' again{Control>}{Enter}{Enter}{/Control}, and more');
  arrive();
  const button = screen.getByRole('button', { name: 'Save' });
  await waitFor(() => {
    expect(button).toBeEnabled();
  });
  expect(text).toHaveValue('# Hello again, and more');
  await user.type(text, '{Control>}{Enter}{/Control}');
  expect(await screen.findByRole('button', { name: 'Edit' })).toBeVisible();
  expect(saves).toMatchObject([
    { text: '# Hello again', replaces: '# Hello' },
    { text: '# Hello again, and more', replaces: '# Hello again' },
  ]);
});

it('takes back a comment that the server refuses', async () => {
  server.use(http.post(NOTES, () => HttpResponse.json({ detail: 'No room.' }, { status: 507 })));
  const { user } = renderRoute(PAGE);
  await user.type(await screen.findByRole('textbox', { name: 'Comment' }), 'second');
  await user.click(screen.getByRole('button', { name: 'Add comment' }));
  expect(await screen.findByText('No room.', { exact: false })).toBeVisible();
  await waitFor(() => {
    expect(screen.queryByText('second', { selector: 'p' })).not.toBeInTheDocument();
  });
  expect(screen.getByRole('textbox', { name: 'Comment' })).toHaveValue('second');
});

it('lets one look for a metric where there are many', async () => {
  const metrics = Object.fromEntries(Array.from({ length: 40 }, (_, number) => [`metric ${number}`, 1]));
  server.use(
    http.get('/api/v3/projects/digits/jobs', () =>
      HttpResponse.json({ jobs: [jobSummary({ metrics })], total: 1, cursor: null }),
    ),
  );
  const { user } = renderRoute(PAGE);
  expect(await screen.findByText('28 more')).toBeVisible();
  expect(screen.queryByRole('checkbox', { name: 'metric 31' })).not.toBeInTheDocument();
  await user.type(screen.getByRole('searchbox', { name: 'Find a metric' }), '31');
  await user.click(screen.getByRole('checkbox', { name: 'metric 31' }));
  expect(screen.getByRole('checkbox', { name: 'metric 31' })).toBeChecked();
});

it('draws the metrics of which every last value is a number, the oldest job first', () => {
  const jobs = [
    jobSummary({ metrics: { loss: 2, name: 'b' } }),
    jobSummary({ metrics: { loss: 'NaN', name: 'a' } }),
  ];
  expect(drawnMetrics(jobs)).toEqual(['loss']);
  expect(lastValues(jobs, 'loss')).toEqual({ x: [1, 2], y: [null, 2] });
});

it('tells which job is pointed at, goes from job to job by keys, and opens one', async () => {
  const older = jobSummary({ job_id: 'older', start_time: 1_767_600_000, metrics: { loss: 0.25 } });
  server.use(
    http.get('/api/v3/projects/digits/jobs', () =>
      HttpResponse.json({ jobs: [jobSummary({ metrics: { loss: 1 } }), older], total: 2, cursor: null }),
    ),
  );
  const { user, router } = renderRoute(PAGE);
  const graph = await screen.findByRole('application');
  graph.focus();
  await user.keyboard('{ArrowLeft}');
  expect(await screen.findByText('0.25')).toBeVisible();
  expect(screen.getByRole('link', { name: 'older' })).toHaveAttribute('href', '/projects/digits/jobs/older');
  await user.keyboard('{Enter}');
  expect(router.state.location.pathname).toBe('/projects/digits/jobs/older');
});

it('goes no further than the first job and the last', () => {
  expect(movedPlace('ArrowLeft', 1, 9)).toBe(1);
  expect(movedPlace('End', 3, 9)).toBe(9);
  expect(movedPlace('x', 3, 9)).toBeUndefined();
});
