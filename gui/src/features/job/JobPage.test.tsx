import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { paths } from '@/config/paths';
import { sendEvent } from '@/testing/eventSource';
import { artifact, job, JOB_ID, metric } from '@/testing/fixtures';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';
import type { Job } from '@/types/api';

const PAGE = `/projects/digits/jobs/${JOB_ID}`;

function answer(part: Partial<Job>, log = ''): void {
  server.use(
    http.get(paths.job(JOB_ID), () => HttpResponse.json(job(part))),
    http.get(paths.log(JOB_ID), ({ request }) =>
      HttpResponse.text(log.slice(Number(new URL(request.url).searchParams.get('offset')))),
    ),
    http.get(`/api/v3/jobs/${JOB_ID}/series/:name`, ({ params }) =>
      HttpResponse.json({ name: params['name'], values: [1, 2], times: [1, 2], steps: [0, 1] }),
    ),
  );
}

it('says how the job ended, what it was given, and who ran it', async () => {
  answer({ parameters: { lr: 0.01 }, tags: { model: 'mlp' }, spec: { command: ['main.py', '--fast'] } });
  renderRoute(PAGE);
  expect(await screen.findByText('It ended well after 1m 2s.')).toBeVisible();
  expect(
    within(screen.getByRole('complementary', { name: 'Parameters and tags' })).getByText('0.01'),
  ).toBeVisible();
  expect(screen.getByTitle('model: mlp')).toBeVisible();
  expect(screen.getByText('main.py --fast')).toBeVisible();
  expect(screen.getByRole('link', { name: 'digits' })).toHaveAttribute(
    'href',
    '/projects/digits/job_listing',
  );
});

it('says why the job failed, and where', async () => {
  answer({
    status: 'failed',
    cause: 'user_code',
    error: {
      type: 'ValueError',
      message: 'bad shape',
      frame: 'main.py, line 41, in train',
      traceback: 'Traceback …',
    },
  });
  renderRoute(PAGE);
  const why = within(await screen.findByRole('region', { name: 'Why it failed' }));
  expect(why.getByText('The script raised ValueError: bad shape')).toBeVisible();
  expect(why.getByText('main.py, line 41, in train')).toBeVisible();
});

it('draws a chart for each metric that moved and shows single values as they are', async () => {
  answer({ metrics: { loss: metric(60, 0.04123456), final: metric(1, 0.95) } });
  renderRoute(PAGE);
  const chart = within(await screen.findByRole('figure', { name: 'Chart of loss' }, { timeout: 5000 }));
  expect(chart.getByText('0.041235')).toBeVisible();
  expect(screen.queryByRole('figure', { name: 'Chart of final' })).not.toBeInTheDocument();
  expect(screen.getByText('0.95')).toBeVisible();
});

it('shows the log', async () => {
  answer({}, 'epoch 1\nepoch 2\n');
  renderRoute(PAGE);
  const log = within(await screen.findByRole('log'));
  expect(log.getByText('epoch 1')).toBeVisible();
  expect(log.getByText('epoch 2')).toBeVisible();
  expect(await screen.findByText('Complete')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Download' })).toHaveAttribute('href', paths.log(JOB_ID));
});

it('says where the output of a job went that no scheduler ran', async () => {
  answer({ mode: 'execution' });
  renderRoute(PAGE);
  expect(await screen.findByText(/its output went to the terminal that started it/)).toBeVisible();
});

it('shows pictures and offers every file', async () => {
  answer({
    artifacts: [
      artifact('a plot.png'),
      artifact('model.pkl', { path: 'user_artifacts/keys/m%2F1/model.pkl' }),
    ],
  });
  const { user } = renderRoute(PAGE);
  expect(await screen.findByRole('link', { name: 'Download model.pkl' })).toHaveAttribute(
    'href',
    `/archive/${JOB_ID}/user_artifacts/keys/m%252F1/model.pkl`,
  );
  await user.click(screen.getByRole('button', { name: 'Look at a plot.png' }));
  expect(await screen.findByRole('img', { name: 'a plot.png' })).toHaveAttribute(
    'src',
    `/archive/${JOB_ID}/user_artifacts/a%20plot.png`,
  );
});

it('follows the job as the server tells of it', async () => {
  answer({ status: 'queued', start_time: null, completed_time: null, duration: null });
  renderRoute(PAGE);
  expect(await screen.findByText('The log begins when the job does.')).toBeVisible();
  answer({}, 'hello\n');
  sendEvent({ kind: 'job.completed', job_id: JOB_ID, project: 'digits', status: 'completed' });
  expect(await screen.findByText('hello')).toBeVisible();
  expect(screen.getByText('It ended well after 1m 2s.')).toBeVisible();
});

it('leads back when there is no such job', async () => {
  server.use(http.get(paths.job('nope'), () => HttpResponse.json({ detail: 'gone' }, { status: 404 })));
  renderRoute('/projects/digits/jobs/nope');
  expect(await screen.findByRole('heading', { name: 'There is no such job' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Go to the jobs of digits' })).toBeVisible();
});
