import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, it } from 'vitest';

import { JOB_ID, jobSummary } from '@/testing/fixtures';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

import { drawnMetrics, lastValues } from './recent';

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
  expect(screen.getByTitle(JOB_ID)).toBeVisible();
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

it('draws the metrics of which every last value is a number, the oldest job first', () => {
  const jobs = [
    jobSummary({ metrics: { loss: 2, name: 'b' } }),
    jobSummary({ metrics: { loss: 'NaN', name: 'a' } }),
  ];
  expect(drawnMetrics(jobs)).toEqual(['loss']);
  expect(lastValues(jobs, 'loss')).toEqual({ x: [1, 2], y: [null, 2] });
});
