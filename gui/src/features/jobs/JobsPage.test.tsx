import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { paths } from '@/config/paths';
import { sendEvent } from '@/testing/eventSource';
import { listedJob, listing } from '@/testing/fixtures';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';
import type { ListedJob } from '@/types/api';

const PAGE = '/projects/digits/job_listing';

function answer(...jobs: ListedJob[]): void {
  server.use(http.get(paths.jobListing('digits'), () => HttpResponse.json(listing(jobs))));
}

function jobWithLoss(job_id: string, loss: number | string): ListedJob {
  return listedJob({ job_id, output_metrics: [{ name: 'loss', value: loss, type: 'number' }] });
}

/** The ids in the table, from top to bottom. */
function ids(): (string | null)[] {
  return screen.queryAllByRole('link', { name: /^job-/ }).map((link) => link.textContent);
}

it('shows each job with a column for each parameter and metric', async () => {
  answer(
    listedJob({
      job_id: 'job-1',
      job_parameters: [{ name: 'lr', value: 0.00002, type: 'number' }],
      output_metrics: [{ name: 'loss', value: [2, 0.51234567], type: 'array number' }],
      tags: { baseline: '' },
    }),
    listedJob({ job_id: 'job-2', status: 'failed' }),
  );
  renderRoute(PAGE);
  const row = within((await screen.findByRole('link', { name: 'job-1' })).closest('tr') as HTMLElement);
  expect(row.getByText('2e−5')).toBeVisible();
  expect(row.getByText('0.51235')).toHaveAttribute('title', '0.51234567');
  expect(screen.getByRole('columnheader', { name: 'loss' })).toHaveAttribute('data-align', 'end');
  expect(row.getByText('baseline')).toBeVisible();
  expect(row.getByText('1m 2s')).toBeVisible();
  expect(screen.getByText('2 jobs')).toBeVisible();
  expect(screen.getByText('Failed')).toBeVisible();
  expect(screen.getByRole('link', { name: 'job-2' })).toHaveAttribute('href', '/projects/digits/jobs/job-2');
});

it('sorts by a metric, keeps what has none last, and says so in the address', async () => {
  answer(
    jobWithLoss('job-mid', 2),
    listedJob({ job_id: 'job-non' }),
    jobWithLoss('job-low', 1),
    jobWithLoss('job-top', 'Infinity'),
  );
  const { router, user } = renderRoute(PAGE);
  const sort = await screen.findByRole('button', { name: 'loss' });
  await user.click(sort);
  await waitFor(() => {
    expect(ids()).toEqual(['job-top', 'job-mid', 'job-low', 'job-non']);
  });
  expect(router.state.location.search).toEqual({ sort: '-output_metrics:loss' });
  expect(screen.getByRole('columnheader', { name: 'loss' })).toHaveAttribute('aria-sort', 'descending');
  await user.click(sort);
  await waitFor(() => {
    expect(ids()).toEqual(['job-low', 'job-mid', 'job-top', 'job-non']);
  });
  await user.click(sort);
  await waitFor(() => {
    expect(ids()).toEqual(['job-mid', 'job-non', 'job-low', 'job-top']);
  });
});

it('shows what the sender of a link saw', async () => {
  answer(jobWithLoss('job-a', 1), jobWithLoss('job-b', 2), listedJob({ job_id: 'job-c', user: 'bob' }));
  renderRoute(`${PAGE}?sort=-output_metrics:loss&filter=ada`);
  expect(await screen.findByRole('searchbox')).toHaveValue('ada');
  expect(ids()).toEqual(['job-b', 'job-a']);
});

it('filters as one types, and says when nothing is left', async () => {
  answer(listedJob({ job_id: 'job-a' }), listedJob({ job_id: 'job-b', user: 'bob' }));
  const { user } = renderRoute(PAGE);
  await user.type(await screen.findByRole('searchbox', { name: 'Filter jobs' }), 'bob');
  await waitFor(() => {
    expect(ids()).toEqual(['job-b']);
  });
  await user.keyboard('zz');
  expect(await screen.findByRole('heading', { name: 'No job matches “bobzz”' })).toBeVisible();
});

it('draws only the rows in sight of ten thousand', async () => {
  answer(...Array.from({ length: 10_000 }, (_, index) => listedJob({ job_id: `job-${index}` })));
  renderRoute(PAGE);
  await screen.findByRole('link', { name: 'job-0' });
  expect(screen.getByText('10,000 jobs')).toBeVisible();
  expect(screen.getByRole('table')).toHaveAttribute('aria-rowcount', '10001');
  expect(ids().length).toBeLessThan(60);
});

it('follows the jobs as the server tells of them', async () => {
  answer(listedJob({ job_id: 'job-1', status: 'running' }));
  renderRoute(PAGE);
  expect(await screen.findByText('Running')).toBeVisible();
  answer(listedJob({ job_id: 'job-1', status: 'completed' }));
  sendEvent({ kind: 'job.completed', job_id: 'job-1', project: 'digits', status: 'completed' });
  expect(await screen.findByText('Completed')).toBeVisible();
});

it('shows how to submit when the project has no job', async () => {
  answer();
  renderRoute(PAGE);
  expect(await screen.findByRole('heading', { name: 'No jobs yet' })).toBeVisible();
});

it('names a project that does not exist, and leads back', async () => {
  server.use(
    http.get(paths.jobListing('a/b'), () => HttpResponse.json('This project was not found', { status: 404 })),
  );
  renderRoute('/projects/a%2Fb/job_listing');
  expect(await screen.findByRole('heading', { name: 'There is no project “a/b”' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Go to all projects' })).toBeVisible();
});

it('says when the server cannot be reached', async () => {
  server.use(http.get(paths.jobListing('digits'), () => HttpResponse.error()));
  renderRoute(PAGE);
  expect(await screen.findByText('The server does not answer. Is it running?')).toBeVisible();
});
