import { act, screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { FakeEventSource, sendEvent } from '@/testing/eventSource';
import { job, jobSummary, metric, project } from '@/testing/fixtures';
import { answer } from '@/testing/jobTable';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

let asked: string[];

function note({ request }: { request: Request }): void {
  asked.push(`${request.method} ${request.url}`);
}

beforeEach(() => {
  asked = [];
  server.events.on('request:start', note);
  const one = job({ job_id: 'job-a', metrics: { loss: metric(2, 1) } });
  answer(jobSummary({ job_id: 'job-a' }));
  server.use(
    http.get('/api/v3/projects', () => HttpResponse.json([project('digits', { jobs: 1 })])),
    http.post('/api/v3/jobs/read', () =>
      HttpResponse.json({ jobs: [one, { ...one, job_id: 'job-b' }], missing: [] }),
    ),
    http.get('/api/v3/series', () => HttpResponse.json({ x: 'step', series: [], missing: [] })),
    http.get('/api/v3/bundles/:id', () => HttpResponse.json({ detail: 'none' }, { status: 404 })),
  );
});

afterEach(() => {
  server.events.removeAllListeners();
});

/** Let the feed open, and whatever that leads to happen. */
async function openFeed(): Promise<void> {
  act(() => FakeEventSource.current.onopen?.());
  await act(() => new Promise((resolve) => setTimeout(resolve, 100)));
}

it.each([
  ['/projects', 'digits'],
  ['/projects/digits/job_listing', 'job-a'],
  ['/projects/digits/compare?jobs=job-a,job-b', 'job-a'],
])('asks for nothing twice when %s opens', async (address, shown) => {
  renderRoute(address);
  await screen.findByRole('link', { name: shown });
  await openFeed();
  expect(asked).not.toHaveLength(0);
  expect(asked.filter((each, place) => asked.indexOf(each) !== place)).toEqual([]);
});

it('reads again what changed before the page heard of it, and nothing else', async () => {
  renderRoute('/projects/digits/job_listing');
  await screen.findByRole('link', { name: 'job-a' });
  await openFeed();
  asked = [];
  sendEvent({ kind: 'job.logged', job_id: 'job-a', project: 'digits', status: 'running' });
  await expect.poll(() => asked).toHaveLength(1);
  expect(asked[0]).toContain('/api/v3/projects/digits/jobs');
});
