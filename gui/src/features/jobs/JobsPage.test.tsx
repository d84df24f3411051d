import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { sendEvent } from '@/testing/eventSource';
import { jobSummary } from '@/testing/fixtures';
import { answer, asked, lastAsked } from '@/testing/jobTable';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';
import type { JobSummary } from '@/types/api';

const JOBS = '/api/v3/projects/digits/jobs';
const PAGE = '/projects/digits/job_listing';

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

it('has the server sort by a metric, and says so in the address', async () => {
  answer(jobWithLoss('job-a', 2), jobWithLoss('job-b', 1));
  const { router, user } = renderRoute(PAGE);
  const sort = await screen.findByRole('button', { name: 'loss' });
  await user.click(sort);
  await waitFor(() => {
    expect(lastAsked('sort')).toBe('-metrics.loss');
  });
  expect(router.state.location.search).toEqual({ sort: '-output_metrics:loss' });
  expect(screen.getByRole('columnheader', { name: /^loss/ })).toHaveAttribute('aria-sort', 'descending');
  await user.click(sort);
  await waitFor(() => {
    expect(lastAsked('sort')).toBe('metrics.loss');
  });
});

it('shows what the sender of a link saw', async () => {
  answer(jobWithLoss('job-a', 1));
  renderRoute(`${PAGE}?sort=-output_metrics:loss&filter=${encodeURIComponent('params.lr < 1')}`);
  expect(await screen.findByRole('combobox', { name: 'Filter jobs' })).toHaveValue('params.lr < 1');
  await screen.findByRole('link', { name: 'job-a' });
  expect([lastAsked('filter'), lastAsked('sort')]).toEqual(['params.lr < 1', '-metrics.loss']);
});

it('filters as one types, and says when nothing is left', async () => {
  answer(jobSummary({ job_id: 'job-a' }));
  const { router, user } = renderRoute(PAGE);
  await screen.findByRole('link', { name: 'job-a' });
  answer();
  await user.type(screen.getByRole('combobox', { name: 'Filter jobs' }), 'user == "bob"');
  expect(await screen.findByRole('heading', { name: 'No job matches' })).toBeVisible();
  expect(lastAsked('filter')).toBe('user == "bob"');
  await waitFor(() => {
    expect(router.state.location.search).toEqual({ filter: 'user == "bob"' });
  });
});

it('proposes fields and values, and takes what is chosen', async () => {
  answer(jobSummary({ job_id: 'job-a' }));
  const { user } = renderRoute(PAGE);
  await screen.findByRole('link', { name: 'job-a' });
  const field = screen.getByRole('combobox', { name: 'Filter jobs' });
  await user.type(field, 'us{Tab}={ArrowDown}{Enter}{ArrowDown}{Enter}');
  expect(field).toHaveValue('user == "ada" ');
});

it('marks what the server cannot read, and keeps the jobs meanwhile', async () => {
  answer(jobSummary({ job_id: 'job-a' }));
  const { user } = renderRoute(PAGE);
  await screen.findByRole('link', { name: 'job-a' });
  const refusal = {
    code: 'invalid_input',
    field: 'filter',
    position: 1,
    detail: 'filter: at position 1: `x` is no field; expected a field.',
  };
  server.use(http.get(JOBS, () => HttpResponse.json(refusal, { status: 400 })));
  const field = screen.getByRole('combobox', { name: 'Filter jobs' });
  await user.type(field, 'xx == 1');
  expect(await screen.findByText('`x` is no field; expected a field.')).toBeVisible();
  expect(field).toBeInvalid();
  expect(ids()).toEqual(['job-a']);
});

it('makes a condition of a value that one clicks', async () => {
  answer(jobSummary({ job_id: 'job-a', parameters: { lr: 0.1 } }));
  const { user } = renderRoute(PAGE);
  await user.click(await screen.findByText('0.1'));
  await user.click(await screen.findByRole('menuitem', { name: 'params.lr >= 0.1' }));
  expect(screen.getByRole('combobox', { name: 'Filter jobs' })).toHaveValue('params.lr >= 0.1');
});

it('reads of ten thousand jobs those in sight, and again when one changes', async () => {
  answer(...Array.from({ length: 10_000 }, (_, index) => jobSummary({ job_id: `job-${index}` })));
  renderRoute(PAGE);
  expect(await screen.findByText('10,000 jobs')).toBeVisible();
  await screen.findByRole('link', { name: 'job-0' });
  expect(asked.every((each) => each.get('limit') === '60')).toBe(true);
  asked.length = 0;
  sendEvent({ kind: 'job.logged', job_id: 'job-1', project: 'digits', status: 'completed' });
  await waitFor(() => {
    expect(asked).toHaveLength(1);
  });
});

it('hides a column, and says so in the address', async () => {
  answer(jobSummary({ job_id: 'job-1', metrics: { loss: 1 } }));
  const { router, user } = renderRoute(PAGE);
  await screen.findByRole('columnheader', { name: /^loss/ });
  await user.click(await screen.findByRole('button', { name: 'Columns' }));
  await user.click(await screen.findByRole('checkbox', { name: 'Tags' }));
  await waitFor(() => {
    expect(screen.queryByRole('columnheader', { name: /^Tags/ })).not.toBeInTheDocument();
  });
  expect(router.state.location.search).toEqual({
    columns: '!job_id,status,start_time,duration,user,output_metrics:loss',
  });
});

it('shows the columns of the address, pinned ones first', async () => {
  answer(jobSummary({ job_id: 'job-1', metrics: { loss: 1 }, parameters: { lr: 0.1 } }));
  renderRoute(`${PAGE}?columns=!job_id,parameters:lr,status,!output_metrics:loss`);
  await screen.findByRole('link', { name: 'job-1' });
  const names = screen.getAllByRole('columnheader').map((head) => head.textContent);
  expect(names).toEqual(['', 'Job ID', 'loss', 'lr', 'Status']);
  expect(lastAsked('fields')).toContain('metrics.loss,params.lr');
});

it('asks the server for another statistic of a metric', async () => {
  answer(jobSummary({ metrics: { loss: 1 }, summaries: { loss: { min: 0.25 } } }));
  renderRoute(`${PAGE}?columns=job_id,output_metrics:loss@min`);
  expect(await screen.findByText('0.25')).toBeVisible();
  expect(screen.getByRole('button', { name: 'loss (min)' })).toBeVisible();
});

it('keeps what is selected while the table shows something else', async () => {
  answer(jobSummary({ job_id: 'job-a' }));
  const { user } = renderRoute(PAGE);
  await user.click(await screen.findByRole('checkbox', { name: 'Select job job-a' }));
  answer(jobSummary({ job_id: 'job-b', user: 'bob' }));
  await user.type(screen.getByRole('combobox', { name: 'Filter jobs' }), 'bob');
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

it('deletes what is selected after a question, and tells what was refused', async () => {
  answer(jobSummary({ job_id: 'job-a' }), jobSummary({ job_id: 'job-b', status: 'running' }));
  const sent: unknown[] = [];
  server.use(
    http.post('/api/v3/jobs/delete', async ({ request }) => {
      sent.push(await request.json());
      const failed = [
        { job_id: 'job-b', code: 'invalid_transition', detail: 'It is running; stop it first.' },
      ];
      return HttpResponse.json({ done: ['job-a'], failed });
    }),
  );
  const { user } = renderRoute(PAGE);
  await screen.findByRole('link', { name: 'job-a' });
  await user.click(screen.getByRole('checkbox', { name: 'Select all jobs of the table' }));
  await user.click(await screen.findByRole('button', { name: 'Delete' }));
  await user.click(await screen.findByRole('button', { name: 'Delete 2 jobs' }));
  expect(await screen.findByText('It is running; stop it first.', { exact: false })).toBeVisible();
  expect(sent).toEqual([{ job_ids: ['job-a', 'job-b'] }]);
  expect(screen.getByText('1 selected')).toBeVisible();
});

it('takes a tag back that the server refuses', async () => {
  answer(jobSummary({ job_id: 'job-a' }));
  server.use(
    http.post('/api/v3/jobs/tags', () => HttpResponse.json({ detail: 'No room.' }, { status: 507 })),
  );
  const { user } = renderRoute(PAGE);
  await user.click(await screen.findByRole('checkbox', { name: 'Select job job-a' }));
  await user.click(await screen.findByRole('button', { name: 'Tag' }));
  await user.type(await screen.findByRole('textbox', { name: 'Tag' }), 'gold');
  await user.click(await screen.findByRole('button', { name: 'Set' }));
  expect(await screen.findByText('No room.', { exact: false })).toBeVisible();
  expect(screen.queryByTitle('gold')).not.toBeInTheDocument();
});

it('moves from cell to cell and selects with the keyboard', async () => {
  answer(jobSummary({ job_id: 'job-a' }), jobSummary({ job_id: 'job-b' }));
  const { user } = renderRoute(PAGE);
  await screen.findByRole('link', { name: 'job-a' });
  screen.getByRole('grid').focus();
  await user.keyboard('{ArrowDown}{ArrowRight} ');
  expect(screen.getByRole('checkbox', { name: 'Select job job-b' })).toBeChecked();
  expect(screen.getByRole('grid')).toHaveAttribute('aria-activedescendant', 'cell_1_status');
});

it('asks about a value from the keyboard, and takes the answer from there', async () => {
  answer(jobSummary({ job_id: 'job-a', status: 'failed' }));
  const { user } = renderRoute(PAGE);
  await screen.findByRole('link', { name: 'job-a' });
  screen.getByRole('grid').focus();
  await user.keyboard('{ArrowRight}{Enter}');
  await user.click(await screen.findByRole('menuitem', { name: 'status == "failed"' }));
  expect(screen.getByRole('combobox', { name: 'Filter jobs' })).toHaveValue('status == "failed"');
});

it('groups by a parameter, with the mean of each metric', async () => {
  answer(
    ...[0.1, 0.1, 0.2].map((lr, place) =>
      jobSummary({ job_id: `job-${place}`, parameters: { lr }, metrics: { loss: place } }),
    ),
  );
  server.use(http.get('/api/v3/series', () => HttpResponse.json({ x: 'step', series: [], missing: [] })));
  renderRoute(`${PAGE}?group=parameters:lr`);
  const row = (await screen.findByRole('button', { name: '0.1' })).closest('tr') as HTMLElement;
  expect(within(row).getByText('0.5')).toBeVisible();
  expect(within(row).getByText('± 0.7071')).toBeVisible();
});

it('draws only the rows in sight of ten thousand', async () => {
  answer(...Array.from({ length: 10_000 }, (_, index) => jobSummary({ job_id: `job-${index}` })));
  renderRoute(PAGE);
  await screen.findByRole('link', { name: 'job-0' });
  expect(screen.getByRole('grid')).toHaveAttribute('aria-rowcount', '10001');
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
    http.get('/api/v3/projects/:project/*', () => HttpResponse.json({ detail: 'none' }, { status: 404 })),
  );
  renderRoute('/projects/a%2Fb/job_listing');
  expect(await screen.findByRole('heading', { name: 'There is no project “a/b”' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Go to all projects' })).toBeVisible();
});

it('says when the server cannot be reached', async () => {
  server.use(http.get('/api/v3/projects/digits/*', () => HttpResponse.error()));
  renderRoute(PAGE);
  expect(await screen.findByText('The server does not answer. Is it running?')).toBeVisible();
});
