import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { paths } from '@/config/paths';
import { sendEvent } from '@/testing/eventSource';
import { JOB_ID, metric } from '@/testing/fixtures';
import { answer, PAGE } from '@/testing/jobPage';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';
import type { Job } from '@/types/api';

const DIFF = 'diff --git a/m.py b/m.py\n@@ -1 +1 @@\n-rate = 0.1\n+rate = 0.05\n';

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
  const part: Partial<Job> = {
    status: 'failed',
    cause: 'user_code',
    error: {
      type: 'ValueError',
      message: 'bad shape',
      frame: 'main.py, line 41, in train',
      traceback: 'Traceback …',
    },
  };
  answer(part, '', {
    reason: 'Its code failed: ValueError: bad shape. It was tried 2 times.',
    attempt: 2,
    attempts: 3,
  });
  renderRoute(PAGE);
  const why = within(await screen.findByRole('region', { name: 'Why it failed' }));
  expect(await why.findByText(/Its code failed: ValueError: bad shape/)).toBeVisible();
  expect(screen.getByText('2 of 3')).toBeVisible();
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
  server.use(http.get(paths.log(JOB_ID), () => HttpResponse.json({ detail: 'none' }, { status: 404 })));
  renderRoute(PAGE);
  expect(await screen.findByText(/its output went to the terminal that started it/)).toBeVisible();
});

it('adds a tag at once, and takes it back when the server refuses', async () => {
  answer({ tags: { model: 'mlp' } });
  server.use(
    http.post(paths.tagJobs, () =>
      HttpResponse.json({ done: [], failed: [{ job_id: JOB_ID, code: 'conflict', detail: 'Not now.' }] }),
    ),
  );
  const { user } = renderRoute(PAGE);
  await user.click(await screen.findByRole('button', { name: 'Add a tag' }));
  await user.keyboard('best{Enter}');
  expect(await screen.findByText(/Not now/)).toBeVisible();
  expect(screen.queryByTitle('best')).not.toBeInTheDocument();
  expect(screen.getByTitle('model: mlp')).toBeVisible();
});

it('asks before it deletes, and says when it could not', async () => {
  answer({});
  server.use(
    http.post(paths.deleteJobs, () =>
      HttpResponse.json({
        done: [],
        failed: [{ job_id: JOB_ID, code: 'x', detail: 'The archive is away.' }],
      }),
    ),
  );
  const { user } = renderRoute(PAGE);
  await user.click(await screen.findByRole('button', { name: 'Delete' }));
  await user.click(await screen.findByRole('button', { name: 'Delete the job' }));
  expect(await screen.findByText('The archive is away.', { exact: false })).toBeVisible();
});

it('shows what was written about the job, and nothing else of its project', async () => {
  answer({});
  server.use(
    http.get(paths.comments('digits'), () =>
      HttpResponse.json([
        { time: 1_767_700_000, author: 'ada', message: `Job ${JOB_ID}: the best so far` },
        { time: 1_767_700_000, author: 'bob', message: 'about the project' },
      ]),
    ),
  );
  renderRoute(PAGE);
  expect(await screen.findByText('the best so far')).toBeVisible();
  expect(screen.queryByText('about the project')).not.toBeInTheDocument();
});

it('shows packages and machine', async () => {
  answer({
    facts: {
      interpreter: { python: '3.11.7', packages: { numpy: '2.1.0', pandas: '2.2.0' } },
      machine: { cpus: 2 },
    },
  });
  const { user } = renderRoute(`${PAGE}?tab=environment`);
  expect(await screen.findByText('3.11.7')).toBeVisible();
  await user.type(screen.getByRole('searchbox', { name: 'Find a package' }), 'num');
  expect(screen.getByText('2.1.0')).toBeVisible();
  expect(screen.queryByText('2.2.0')).not.toBeInTheDocument();
});

it('says how the code differed from its repository', async () => {
  answer({
    mode: 'execution',
    facts: {
      git: { commit: 'abcdef0123456789', branch: 'main', is_dirty: true, diff: DIFF, diff_is_cut: false },
      source: { left_out: '`/home/ada` is no project’s directory.' },
    },
  });
  renderRoute(`${PAGE}?tab=code`);
  expect(await screen.findByText('rate = 0.05')).toBeVisible();
  expect(screen.getByText('abcdef0123')).toBeVisible();
  expect(screen.getByText(/is no project’s directory/)).toBeVisible();
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

it('says why the job waits, where, and until when', async () => {
  answer({ status: 'queued', start_time: null, duration: null, spec: { time_limit: 7200 } }, '', {
    position: 2,
    reason: 'It needs 2 GPUs.',
    promised_start: 4_000_000_000,
  });
  renderRoute(PAGE);
  expect(await screen.findByRole('link', { name: 'Number 3 in the queue' })).toHaveAttribute(
    'href',
    '/queue',
  );
  expect(screen.getByText(/It needs 2 GPUs\. It starts/)).toBeVisible();
  expect(screen.getByText('2h')).toBeVisible();
});

it('says what to do after an end that has a remedy', async () => {
  answer({ status: 'failed', cause: 'oom' }, '', {
    reason: 'It used more memory than the 8 GB it was given.',
  });
  renderRoute(PAGE);
  expect(await screen.findByText(/Ask for more memory/)).toBeVisible();
});

it('shows what was measured of the machine apart from what the script logged', async () => {
  answer({
    metrics: { loss: metric(60, 1) },
    system_metrics: { 'system.memory_bytes': metric(60, 2_000_000_000) },
  });
  renderRoute(PAGE);
  const system = within(await screen.findByRole('region', { name: /^System/ }));
  expect(await system.findByText('memory_bytes')).toBeVisible();
  expect(system.getByText('2.0 GB')).toBeVisible();
});

it('says that a metric was logged without steps', async () => {
  answer({ metrics: { loss: metric(2, 2) } });
  server.use(
    http.get(`/api/v3/jobs/${JOB_ID}/series/:name`, () =>
      HttpResponse.json({ name: 'loss', values: [1, 2], times: [1, 2], steps: [null, null] }),
    ),
  );
  renderRoute(PAGE);
  expect(await screen.findByText('2 points, logged without steps')).toBeVisible();
});

it('finds words and the error in the log', async () => {
  answer({ status: 'failed' }, 'start\nloss 1\nValueError: bad\nLOSS 2\n');
  const { user } = renderRoute(PAGE);
  await user.type(await screen.findByRole('searchbox', { name: 'Find in the log' }), 'loss{Enter}{Enter}');
  expect(await screen.findByText('2 of 2')).toBeVisible();
  expect(screen.getByText('LOSS').closest('[data-target]')).not.toBeNull();
  await user.click(screen.getByRole('button', { name: 'Go to the error' }));
  expect(screen.getByText('ValueError: bad').closest('[data-target]')).not.toBeNull();
});

it('says how to run the job again', async () => {
  answer({ spec: { command: ['main.py', '--lr', '0.1'] } });
  renderRoute(PAGE);
  expect(
    await screen.findByText('foundations submit --project-name digits scheduler . main.py --lr 0.1'),
  ).toBeVisible();
});

it('leads back when there is no such job', async () => {
  server.use(http.get(paths.job('nope'), () => HttpResponse.json({ detail: 'gone' }, { status: 404 })));
  renderRoute('/projects/digits/jobs/nope');
  expect(await screen.findByRole('heading', { name: 'There is no such job' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Go to the jobs of digits' })).toBeVisible();
});

it('offers the way to an error only where there may be one', async () => {
  answer({ status: 'completed' }, 'all went well\n');
  renderRoute(PAGE);
  await screen.findByText('Complete');
  await waitFor(() => {
    expect(screen.queryByRole('button', { name: 'Go to the error' })).not.toBeInTheDocument();
  });
});

it('leads from the cause of the end to the line of the code', async () => {
  const frame = '/tmp/w/job_source/helper.py, line 4, in f';
  answer({
    status: 'failed',
    cause: 'user_code',
    error: { type: 'ValueError', message: 'x', frame, traceback: '' },
  });
  renderRoute(PAGE);
  expect(await screen.findByRole('link', { name: 'helper.py, line 4, in f' })).toHaveAttribute(
    'href',
    `${PAGE}?tab=code&file=helper.py&line=4`,
  );
});
