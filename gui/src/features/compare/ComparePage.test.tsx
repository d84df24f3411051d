import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { job, metric } from '@/testing/fixtures';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';
import type { Job } from '@/types/api';

function answer(...jobs: Job[]): void {
  server.use(
    http.get('/api/v3/jobs/:id', ({ params }) => {
      const found = jobs.find(({ job_id }) => job_id === params['id']);
      return found ? HttpResponse.json(found) : HttpResponse.json({ detail: 'gone' }, { status: 404 });
    }),
    http.get('/api/v3/jobs/:id/series/:name', () =>
      HttpResponse.json({ name: 'loss', values: [2, 1], times: [1, 2], steps: [0, 1] }),
    ),
  );
}

const JOBS = [
  job({ job_id: 'job-a', parameters: { lr: 0.1, seed: 7 }, metrics: { loss: metric(2, 1) } }),
  job({ job_id: 'job-b', parameters: { lr: 0.2, seed: 7 }, metrics: { loss: metric(2, 1) } }),
];

it('shows what differs, and the rest when it is asked for', async () => {
  answer(...JOBS);
  const { user } = renderRoute('/projects/digits/compare?jobs=job-a,job-b');
  expect(await screen.findByRole('columnheader', { name: 'lr' })).toBeVisible();
  expect(screen.queryByRole('columnheader', { name: 'seed' })).not.toBeInTheDocument();
  await user.click(screen.getByRole('checkbox', { name: 'Show the 1 that is the same too' }));
  expect(screen.getByRole('columnheader', { name: 'seed' })).toBeVisible();
});

it('draws the lines of all jobs into one chart', async () => {
  answer(...JOBS);
  renderRoute('/projects/digits/compare?jobs=job-a,job-b');
  const chart = within(await screen.findByRole('figure', { name: 'Chart of loss' }));
  expect(chart.getByText('job-a')).toBeVisible();
  expect(chart.getByText('job-b')).toBeVisible();
});

it('leaves a job out, and says so in the address', async () => {
  answer(...JOBS, job({ job_id: 'job-c' }));
  const { router, user } = renderRoute('/projects/digits/compare?jobs=job-a,job-b,job-c');
  await user.click(await screen.findByRole('button', { name: 'Leave out job job-b' }));
  expect(await screen.findByRole('heading', { name: 'Compare 2 jobs' })).toBeVisible();
  expect(router.state.location.search).toEqual({ jobs: 'job-a,job-c' });
});

it('says that a job is gone, and compares the others', async () => {
  answer(...JOBS);
  renderRoute('/projects/digits/compare?jobs=job-a,job-b,job-x');
  expect(await screen.findByText('1 of them are gone: they were deleted.')).toBeVisible();
  expect(screen.getByRole('link', { name: 'job-a' })).toBeVisible();
});

it('says how to choose jobs when there are none', async () => {
  renderRoute('/projects/digits/compare');
  expect(await screen.findByRole('heading', { name: 'Nothing to compare yet' })).toBeVisible();
});
