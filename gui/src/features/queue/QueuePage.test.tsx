import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { paths } from '@/config/paths';
import { sendEvent } from '@/testing/eventSource';
import { renderRoute } from '@/testing/renderRoute';
import { activeJob, node, schedule, waitingJob } from '@/testing/schedulerFixtures';
import { server } from '@/testing/server';
import type { ActiveJob, Node, Schedule, WaitingJob } from '@/types/api';

interface Scheduler {
  waiting?: WaitingJob[];
  running?: ActiveJob[];
  nodes?: Node[];
  schedules?: Record<string, Schedule>;
}

/** Answer as a scheduler in this state; returns what the page asked it to change. */
function answer({ waiting = [], running = [], nodes = [node()], schedules = {} }: Scheduler = {}): string[] {
  const asked: string[] = [];
  const order = [...waiting];
  const note = async (request: Request): Promise<string> => {
    const line = [request.method, new URL(request.url).pathname, await request.text()].join(' ').trim();
    asked.push(line);
    return line;
  };
  server.use(
    http.get(paths.queue, () => HttpResponse.json({ total: order.length, jobs: order })),
    http.get(paths.running, () => HttpResponse.json({ jobs: running })),
    http.get(paths.nodes, () => HttpResponse.json({ nodes })),
    http.get(paths.schedules, () => HttpResponse.json(schedules)),
    http.patch(`${paths.queue}/:id`, async ({ request, params }) => {
      const [place, other] = Object.entries(JSON.parse(await request.clone().text()) as object)[0] as [
        string,
        string,
      ];
      await note(request);
      const [moved] = order.splice(
        order.findIndex(({ job_id }) => job_id === params['id']),
        1,
      );
      const beside = order.findIndex(({ job_id }) => job_id === other);
      if (moved) order.splice(place === 'before' ? beside : beside + 1, 0, moved);
      return HttpResponse.json({});
    }),
    http.post('/api/v3/jobs/:id/stop', async ({ request }) => {
      await note(request);
      return HttpResponse.json({}, { status: 202 });
    }),
    http.delete(paths.queue, async ({ request }) => {
      await note(request);
      order.length = 0;
      return HttpResponse.json({ cancelled: 2 });
    }),
    http.put(`${paths.schedules}/:id`, async ({ request }) => {
      await note(request);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  return asked;
}

/** The ids of the jobs that wait, from top to bottom. */
function order(): (string | undefined)[] {
  return screen
    .queryAllByRole('button', { name: /^Move job/ })
    .map((handle) => /^Move job (\S+),/.exec(handle.getAttribute('aria-label') ?? '')?.[1]);
}

it('shows what runs where, and how much is free', async () => {
  answer({
    running: [activeJob('job-1', { gpus: ['0'], resources: { num_gpus: 1, ram: 8, cpus: null } })],
    nodes: [
      node({
        gpus: [
          { id: '0', model: 'A100', memory: 80, job: 'job-1', utilization: 97, memory_used: 61.2 },
          { id: '1', model: 'A100', memory: 80, job: null, utilization: null, memory_used: null },
        ],
      }),
    ],
  });
  renderRoute('/queue');
  const gpus = within(await screen.findByRole('list', { name: 'GPUs' }));
  expect(gpus.getByRole('meter', { name: '61.2 of 80 GB' })).toHaveAttribute('aria-valuenow', '97');
  expect(await gpus.findByRole('link', { name: 'job-1' })).toBeVisible();
  expect(gpus.getByText('free')).toBeVisible();
  expect(screen.getByRole('meter', { name: 'Workers' })).toHaveAttribute('aria-valuetext', '1 of 4 busy');
  expect(screen.getByRole('meter', { name: 'GPUs' })).toHaveAttribute('aria-valuetext', '1 of 2 taken');
  expect(screen.getByText('jobs run as processes · 2 × A100')).toBeVisible();
  expect(screen.getByText('1 GPU, 8 GB · on GPU 0')).toBeVisible();
});

it('says why each job waits, and when it starts at the latest', async () => {
  answer({ waiting: [waitingJob('job-1', { reason: 'It needs 2 GPUs.', promised_start: 4_000_000_000 })] });
  renderRoute('/queue');
  expect(await screen.findByText(/It needs 2 GPUs\./)).toHaveTextContent('at the latest');
});

it('moves a job with the keyboard before the server has answered, and in the order of the keys', async () => {
  const asked = answer({ waiting: ['job-1', 'job-2', 'job-3'].map((id) => waitingJob(id)) });
  const { user } = renderRoute('/queue');
  (await screen.findByRole('button', { name: 'Move job job-3, number 3 of 3' })).focus();
  await user.keyboard('{ArrowUp}{ArrowUp}');
  expect(order()).toEqual(['job-3', 'job-1', 'job-2']);
  expect(screen.getByText('Job job-3 is number 1 of 3.')).toBeInTheDocument();
  await waitFor(() => {
    expect(asked).toEqual([
      'PATCH /api/v3/queue/job-3 {"before":"job-2"}',
      'PATCH /api/v3/queue/job-3 {"before":"job-1"}',
    ]);
  });
  expect(order()).toEqual(['job-3', 'job-1', 'job-2']);
});

it('takes a move back that the server refuses, and says why', async () => {
  answer({ waiting: ['job-1', 'job-2'].map((id) => waitingJob(id)) });
  server.use(
    http.patch(`${paths.queue}/:id`, () =>
      HttpResponse.json({ code: 'invalid_transition', detail: 'Job `job-2` is running.' }, { status: 409 }),
    ),
  );
  const { user } = renderRoute('/queue');
  (await screen.findByRole('button', { name: 'Move job job-2, number 2 of 2' })).focus();
  await user.keyboard('{Home}');
  expect(await screen.findByRole('alert')).toHaveTextContent('Job `job-2` is running.');
  await waitFor(() => {
    expect(order()).toEqual(['job-1', 'job-2']);
  });
});

it('stops a job only once that is confirmed', async () => {
  const asked = answer({ running: [activeJob('job-1')] });
  const { user } = renderRoute('/queue');
  await user.click(await screen.findByRole('button', { name: 'Stop job job-1' }));
  await user.click(await screen.findByRole('button', { name: 'Leave it' }));
  expect(asked).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Stop job job-1' }));
  await user.click(await screen.findByRole('button', { name: 'Stop the job' }));
  await waitFor(() => {
    expect(asked).toEqual(['POST /api/v3/jobs/job-1/stop']);
  });
});

it('clears the queue and says what that means first', async () => {
  const asked = answer({ waiting: ['job-1', 'job-2'].map((id) => waitingJob(id)) });
  const { user } = renderRoute('/queue');
  await user.click(await screen.findByRole('button', { name: 'Clear the queue' }));
  await user.click(await screen.findByRole('button', { name: 'Cancel 2 jobs' }));
  expect(await screen.findByText(/No job waits/)).toBeVisible();
  expect(asked).toEqual(['DELETE /api/v3/queue']);
});

it('lists the schedules, and pauses one', async () => {
  const asked = answer({ schedules: { nightly: schedule() } });
  const { user } = renderRoute('/queue');
  expect(await screen.findByText(/Every day at 06:30/)).toHaveTextContent('Europe/Berlin');
  await user.click(screen.getByRole('button', { name: 'Pause nightly' }));
  await waitFor(() => {
    expect(asked).toEqual(['PUT /scheduled_jobs/nightly {"status":"paused"}']);
  });
});

it('says what to do when there is nothing', async () => {
  answer({ nodes: [] });
  renderRoute('/queue');
  expect(await screen.findByText(/No machine runs jobs now/)).toBeVisible();
  expect(await screen.findByText(/Nothing runs\./)).toBeVisible();
  expect(await screen.findByText(/Nothing runs by the clock/)).toBeVisible();
});

it('shows the rest when one part cannot be read', async () => {
  answer({ running: [activeJob('job-1')] });
  server.use(http.get(paths.schedules, () => HttpResponse.json({ detail: 'gone' }, { status: 410 })));
  renderRoute('/queue');
  expect(await screen.findByText(/Could not read the schedules\. gone/)).toBeVisible();
  expect(screen.getByRole('link', { name: 'job-1' })).toBeVisible();
});

it('follows the queue as the server tells of it', async () => {
  answer({ waiting: [waitingJob('job-1')] });
  renderRoute('/queue');
  await screen.findByRole('link', { name: 'job-1' });
  answer({ running: [activeJob('job-1')] });
  sendEvent({ kind: 'job.running', job_id: 'job-1', project: 'digits', status: 'running' });
  expect(await screen.findByRole('button', { name: 'Stop job job-1' })).toBeVisible();
});
