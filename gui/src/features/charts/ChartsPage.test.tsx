import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { facet, facets, jobSummary } from '@/testing/fixtures';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';
import type { JobSummary } from '@/types/api';

const JOBS = [
  jobSummary({ job_id: 'job-b', metrics: { 'train/loss': 1, epoch: 2 }, parameters: { seed: 2 } }),
  jobSummary({ job_id: 'job-a', metrics: { 'train/loss': 2 }, parameters: { seed: 1 } }),
];

/** Answer the page, and return the filters and the series that it asked for. */
function answer(...jobs: JobSummary[]) {
  const asked = { filters: [] as string[], jobs: [] as string[] };
  server.use(
    http.get('/api/v3/projects/digits/facets', () =>
      HttpResponse.json(facets({ parameters: [facet('seed')] })),
    ),
    http.get('/api/v3/projects/digits/jobs', ({ request }) => {
      asked.filters.push(new URL(request.url).searchParams.get('filter') ?? '');
      return HttpResponse.json({ jobs, total: jobs.length, cursor: null });
    }),
    http.get('/api/v3/projects/digits/views', () => HttpResponse.json({ views: [] })),
    http.get('/api/v3/series', ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.jobs.push(query.get('jobs') ?? '');
      const series = query
        .getAll('metric')
        .flatMap((name) =>
          (query.get('jobs') ?? '').split(',').map((job_id) => ({ job_id, name, x: [0, 1], values: [3, 2] })),
        );
      return HttpResponse.json({ x: 'step', series, missing: [] });
    }),
  );
  return asked;
}

it('draws each metric of the newest jobs, in the sections of their names', async () => {
  answer(...JOBS);
  renderRoute('/projects/digits/charts');
  expect(await screen.findByRole('figure', { name: 'Chart of train/loss' })).toBeVisible();
  expect(screen.getByRole('figure', { name: 'Chart of epoch' })).toBeVisible();
  expect(screen.getByText('train')).toBeVisible();
});

it('keeps the filter of the table, and gives it back', async () => {
  const asked = answer(...JOBS);
  const { user, router } = renderRoute('/projects/digits/charts?filter=params.seed%20%3E%200');
  await screen.findByRole('figure', { name: 'Chart of epoch' });
  expect(asked.filters[0]).toBe('params.seed > 0');
  await user.click(screen.getByRole('link', { name: 'Jobs' }));
  await waitFor(() => {
    expect(router.state.location.pathname).toBe('/projects/digits/job_listing');
  });
  expect(router.state.location.search).toEqual({ filter: 'params.seed > 0' });
});

it('hides the line of a job, says so in the address, and compares the others', async () => {
  answer(...JOBS, jobSummary({ job_id: 'job-0', metrics: { epoch: 1 } }));
  const { user, router } = renderRoute('/projects/digits/charts');
  await screen.findByRole('figure', { name: 'Chart of epoch' });
  await user.click(screen.getByText('Jobs', { selector: 'summary' }));
  await user.click(screen.getByRole('checkbox', { name: 'Draw job job-b' }));
  expect(router.state.location.search).toEqual({ hide: 'job-b' });
  const compare = await screen.findByRole('link', { name: 'Compare 2' });
  expect(compare).toHaveAttribute('href', expect.stringContaining('job-a%2Cjob-0'));
});

it('asks for the series of those alone that have the metric', async () => {
  const asked = answer(...JOBS);
  renderRoute('/projects/digits/charts');
  await screen.findByRole('figure', { name: 'Chart of epoch' });
  await waitFor(() => {
    expect([...asked.jobs].sort()).toEqual(['job-b', 'job-b,job-a']);
  });
});

it('colours by the value of a parameter', async () => {
  answer(...JOBS);
  const { user } = renderRoute('/projects/digits/charts');
  await user.selectOptions(await screen.findByRole('combobox', { name: 'Colour by' }), 'seed');
  await user.click(screen.getByText('Jobs', { selector: 'summary' }));
  expect(within(await screen.findByRole('list', { name: '1' })).getByText('job-a')).toBeVisible();
  expect(screen.getByRole('checkbox', { name: 'Mean of each' })).not.toBeChecked();
});

it('finds metrics by their names', async () => {
  answer(...JOBS);
  renderRoute('/projects/digits/charts?find=loss');
  expect(await screen.findByRole('figure', { name: 'Chart of train/loss' })).toBeVisible();
  expect(screen.queryByRole('figure', { name: 'Chart of epoch' })).not.toBeInTheDocument();
});

it('says what to do where no job matches', async () => {
  answer();
  renderRoute('/projects/digits/charts?filter=x');
  expect(await screen.findByRole('heading', { name: 'No job matches' })).toBeVisible();
});

it('says how a chart comes about where no job has logged a metric', async () => {
  answer(jobSummary());
  renderRoute('/projects/digits/charts');
  expect(await screen.findByText(/^None of these jobs has logged a metric/)).toBeVisible();
});
