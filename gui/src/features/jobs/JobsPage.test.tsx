import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { sendEvent } from '@/testing/eventSource';
import { jobSummary } from '@/testing/fixtures';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';
import type { JobSummary } from '@/types/api';

const JOBS = '/api/v3/projects/digits/jobs';
const PAGE = '/projects/digits/job_listing';

function answer(...jobs: JobSummary[]): void {
  server.use(http.get(JOBS, () => HttpResponse.json({ jobs })));
}

function jobWithLoss(job_id: string, loss: number | string): JobSummary {
  return jobSummary({ job_id, metrics: { loss } });
}

/** The ids in the table, from top to bottom. */
function ids(): (string | null)[] {
  return screen.queryAllByRole('link', { name: /^job-/ }).map((link) => link.textContent);
}

it('shows each job with a column for each parameter and metric', async () => {
  answer(
    jobSummary({
      job_id: 'job-1',
      parameters: { lr: 0.00002 },
      metrics: { loss: 0.51234567 },
      tags: { baseline: '' },
    }),
    jobSummary({ job_id: 'job-2', status: 'failed' }),
  );
  renderRoute(PAGE);
  const row = within((await screen.findByRole('link', { name: 'job-1' })).closest('tr') as HTMLElement);
  expect(row.getByText('2e−5')).toBeVisible();
  expect(row.getByText('0.51235')).toHaveAttribute('title', '0.51234567');
  expect(screen.getByRole('columnheader', { name: /^loss/ })).toHaveAttribute('data-align', 'end');
  expect(row.getByText('baseline')).toBeVisible();
  expect(row.getByText('1m 2s')).toBeVisible();
  expect(screen.getByText('2 jobs')).toBeVisible();
  expect(screen.getByText('Failed')).toBeVisible();
  expect(screen.getByRole('link', { name: 'job-2' })).toHaveAttribute('href', '/projects/digits/jobs/job-2');
});

it('sorts by a metric, keeps what has none last, and says so in the address', async () => {
  answer(
    jobWithLoss('job-mid', 2),
    jobSummary({ job_id: 'job-non' }),
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
  expect(screen.getByRole('columnheader', { name: /^loss/ })).toHaveAttribute('aria-sort', 'descending');
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
  answer(jobWithLoss('job-a', 1), jobWithLoss('job-b', 2), jobSummary({ job_id: 'job-c', user: 'bob' }));
  renderRoute(`${PAGE}?sort=-output_metrics:loss&filter=ada`);
  expect(await screen.findByRole('searchbox')).toHaveValue('ada');
  expect(ids()).toEqual(['job-b', 'job-a']);
});

it('filters as one types, and says when nothing is left', async () => {
  answer(jobSummary({ job_id: 'job-a' }), jobSummary({ job_id: 'job-b', user: 'bob' }));
  const { user } = renderRoute(PAGE);
  await user.type(await screen.findByRole('searchbox', { name: 'Filter jobs' }), 'bob');
  await waitFor(() => {
    expect(ids()).toEqual(['job-b']);
  });
  await user.keyboard('zz');
  expect(await screen.findByRole('heading', { name: 'No job matches “bobzz”' })).toBeVisible();
});

it('reads ten thousand jobs page by page, the newest first', async () => {
  const all = Array.from({ length: 10_000 }, (_, index) => jobSummary({ job_id: `job-${index}` }));
  const asked: string[] = [];
  server.use(
    http.get(JOBS, ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(`${searchParams.get('limit')} ${searchParams.get('before')}`);
      const start = all.findIndex(({ job_id }) => job_id === searchParams.get('before')) + 1;
      return HttpResponse.json({ jobs: all.slice(start, start + Number(searchParams.get('limit'))) });
    }),
  );
  renderRoute(PAGE);
  expect(await screen.findByText('10,000 jobs')).toBeVisible();
  expect(asked.slice(0, 2)).toEqual(['200 null', '2500 job-199']);
  asked.length = 0;
  sendEvent({ kind: 'job.logged', job_id: 'job-1', project: 'digits', status: 'completed' });
  await waitFor(() => {
    expect(asked).toEqual(['200 null']);
  });
  expect(screen.getByText('10,000 jobs')).toBeVisible();
});

it('hides a column, and says so in the address', async () => {
  answer(jobSummary({ job_id: 'job-1', metrics: { loss: 1 } }));
  const { router, user } = renderRoute(PAGE);
  await user.click(await screen.findByRole('button', { name: 'Columns' }));
  await user.click(await screen.findByRole('checkbox', { name: 'Tags' }));
  expect(screen.queryByRole('columnheader', { name: /^Tags/ })).not.toBeInTheDocument();
  expect(router.state.location.search).toEqual({
    columns: '!job_id,status,start_time,duration,user,output_metrics:loss',
  });
});

it('shows the columns of the address, pinned ones first', async () => {
  answer(jobSummary({ job_id: 'job-1', metrics: { loss: 1 }, parameters: { lr: 0.1 } }));
  renderRoute(`${PAGE}?columns=!job_id,parameters:lr,status,!output_metrics:loss`);
  await screen.findByRole('link', { name: 'job-1' });
  const names = screen.getAllByRole('columnheader').map((head) => head.textContent);
  expect(names).toEqual(['', 'Job', 'loss', 'lr', 'Status']);
});

it('asks the server for another statistic of a metric', async () => {
  answer(jobSummary({ metrics: { loss: 1 }, summaries: { loss: { min: 0.25 } } }));
  renderRoute(`${PAGE}?columns=job_id,output_metrics:loss@min`);
  expect(await screen.findByText('0.25')).toBeVisible();
  expect(screen.getByRole('button', { name: 'loss (min)' })).toBeVisible();
});

it('keeps what is selected while the table shows something else', async () => {
  answer(jobSummary({ job_id: 'job-a' }), jobSummary({ job_id: 'job-b', user: 'bob' }));
  const { user } = renderRoute(PAGE);
  await user.click(await screen.findByRole('checkbox', { name: 'Select job job-a' }));
  await user.type(screen.getByRole('searchbox', { name: 'Filter jobs' }), 'bob');
  await waitFor(() => {
    expect(ids()).toEqual(['job-b']);
  });
  await user.click(screen.getByRole('checkbox', { name: 'Select job job-b' }));
  expect(screen.getByText('2 selected')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Compare' })).toHaveAttribute(
    'href',
    expect.stringContaining('job-a'),
  );
});

it('draws only the rows in sight of ten thousand', async () => {
  answer(...Array.from({ length: 10_000 }, (_, index) => jobSummary({ job_id: `job-${index}` })));
  renderRoute(PAGE);
  await screen.findByRole('link', { name: 'job-0' });
  expect(screen.getByText('10,000 jobs')).toBeVisible();
  expect(screen.getByRole('table')).toHaveAttribute('aria-rowcount', '10001');
  expect(ids().length).toBeLessThan(60);
});

it('follows the jobs as the server tells of them', async () => {
  answer(jobSummary({ job_id: 'job-1', status: 'running' }));
  renderRoute(PAGE);
  expect(await screen.findByText('Running')).toBeVisible();
  answer(jobSummary({ job_id: 'job-1', status: 'completed' }));
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
    http.get('/api/v3/projects/:project/jobs', () => HttpResponse.json({ detail: 'none' }, { status: 404 })),
  );
  renderRoute('/projects/a%2Fb/job_listing');
  expect(await screen.findByRole('heading', { name: 'There is no project “a/b”' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Go to all projects' })).toBeVisible();
});

it('says when the server cannot be reached', async () => {
  server.use(http.get(JOBS, () => HttpResponse.error()));
  renderRoute(PAGE);
  expect(await screen.findByText('The server does not answer. Is it running?')).toBeVisible();
});
