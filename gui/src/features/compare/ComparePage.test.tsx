import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { artifact, job, metric } from '@/testing/fixtures';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';
import type { Job } from '@/types/api';

function answer(...jobs: Job[]): void {
  server.use(
    http.post<never, { job_ids: string[] }>('/api/v3/jobs/read', async ({ request }) => {
      const { job_ids: ids } = await request.json();
      return HttpResponse.json({ jobs: jobs.filter(({ job_id }) => ids.includes(job_id)), missing: [] });
    }),
    http.get('/api/v3/series', () => HttpResponse.json({ x: 'step', series: SERIES, missing: [] })),
    http.get('/api/v3/bundles/:id', () => HttpResponse.json({ detail: 'gone' }, { status: 404 })),
  );
}

const SERIES = ['job-a', 'job-b'].map((job_id) => ({ job_id, name: 'loss', x: [0, 1], values: [2, 1] }));

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

it('says why steps are not on the axis', async () => {
  answer(...JOBS);
  const mixed = SERIES.map((each, place) => (place === 0 ? each : { ...each, x: [null, null] }));
  const byTime = SERIES.map((each) => ({ ...each, x: [1, 2] }));
  server.use(
    http.get('/api/v3/series', ({ request }) => {
      const x = new URL(request.url).searchParams.get('x');
      return HttpResponse.json({ x, series: x === 'step' ? mixed : byTime, missing: [] });
    }),
  );
  renderRoute('/projects/digits/compare?jobs=job-a,job-b');
  const note = '1 of 2 jobs logged it without steps, so all are shown over time.';
  expect(await screen.findByText(note)).toBeVisible();
});

it('says how many lines are missing because their files are gone', async () => {
  answer(...JOBS);
  const lost = { job_id: 'job-b', name: 'loss', reason: 'The file is not in the archive.' };
  server.use(
    http.get('/api/v3/series', () =>
      HttpResponse.json({ x: 'step', series: SERIES.slice(0, 1), missing: [lost] }),
    ),
  );
  renderRoute('/projects/digits/compare?jobs=job-a,job-b');
  expect(await screen.findByText(/^The points of one job could not be read/)).toBeVisible();
});

it('leaves a job out, and says so in the address', async () => {
  answer(...JOBS, job({ job_id: 'job-c' }));
  const { router, user } = renderRoute('/projects/digits/compare?jobs=job-a,job-b,job-c');
  await user.click(await screen.findByRole('button', { name: 'Leave out job job-b' }));
  expect(await screen.findByRole('heading', { name: 'Compare 2 jobs' })).toBeVisible();
  expect(router.state.location.search).toEqual({ jobs: 'job-a,job-c' });
});

it('shows the packages that differ', async () => {
  const facts = (numpy: string) => ({ interpreter: { packages: { numpy, flask: '3.1.0' } } });
  answer(job({ job_id: 'job-a', facts: facts('2.0.0') }), job({ job_id: 'job-b', facts: facts('2.1.0') }));
  renderRoute('/projects/digits/compare?jobs=job-a,job-b');
  expect(await screen.findByRole('rowheader', { name: 'numpy' })).toBeVisible();
  expect(screen.queryByRole('rowheader', { name: 'flask' })).not.toBeInTheDocument();
});

it('shows the pictures of one step side by side', async () => {
  const picture = (step: number) =>
    artifact('s.png', { key: `s/${step}`, path: `user_artifacts/s${step}.png`, name: 's', step });
  answer(
    job({ job_id: 'job-a', artifacts: [picture(0), picture(10)] }),
    job({ job_id: 'job-b', artifacts: [picture(0), picture(10)] }),
  );
  renderRoute('/projects/digits/compare?jobs=job-a,job-b&step=0');
  expect(await screen.findByRole('img', { name: 's.png of job job-a' })).toHaveAttribute(
    'src',
    '/archive/job-a/user_artifacts/s0.png',
  );
});

it('says that a job is gone, and compares the others', async () => {
  answer(...JOBS);
  renderRoute('/projects/digits/compare?jobs=job-a,job-b,job-x');
  expect(await screen.findByText('One of them is gone: it was deleted.')).toBeVisible();
  expect(screen.getByRole('link', { name: 'job-a' })).toBeVisible();
});

it('says how to choose jobs when there are none', async () => {
  renderRoute('/projects/digits/compare');
  expect(await screen.findByRole('heading', { name: 'Nothing to compare yet' })).toBeVisible();
});
