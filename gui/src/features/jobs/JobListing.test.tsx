import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { jobSummary } from '@/testing/fixtures';
import { answer } from '@/testing/jobTable';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';
import type { JobSummary } from '@/types/api';

const JOBS = '/api/v3/projects/digits/jobs';
const PAGE = '/projects/digits/job_listing';

it('comes back from another page to the rows that were left', async () => {
  answer(...Array.from({ length: 200 }, (_, place) => jobSummary({ job_id: `job-${place}` })));
  const { router } = renderRoute(PAGE);
  await screen.findByText('job-0');
  const frame = (): HTMLElement => screen.getByRole('grid').parentElement as HTMLElement;
  fireEvent.scroll(frame(), { target: { scrollTop: 100 * 34 } });
  await screen.findByText('job-100');
  act(() => {
    router.history.push('/nowhere');
  });
  await waitFor(() => {
    expect(screen.queryByText('job-100')).not.toBeInTheDocument();
  });
  act(() => {
    router.history.back();
  });
  await screen.findByText('job-100');
  expect(frame().scrollTop).toBe(100 * 34);
});

it('says why a filter was not answered, and that the rows are those of the one before', async () => {
  answer(jobSummary({ job_id: 'job-a' }));
  const { user } = renderRoute(PAGE);
  await screen.findByRole('link', { name: 'job-a' });
  const refusal = { code: 'uri_too_long', title: 'URI too long', detail: 'The address is too long.' };
  server.use(http.get(JOBS, () => HttpResponse.json(refusal, { status: 414 })));
  await user.type(screen.getByRole('combobox', { name: 'Filter jobs' }), 'bob');
  const refused = await screen.findByText('The filter was not answered.');
  expect(refused.closest('[role=alert]')).toHaveTextContent('The address is too long.');
  expect(screen.getByRole('link', { name: 'job-a' })).toBeVisible();
});

it('shows no value for a parameter that is called as every object has one', async () => {
  const named = JSON.parse('{"__proto__": "mine", "constructor": 3}') as JobSummary['parameters'];
  answer(
    jobSummary({ job_id: 'job-a', parameters: named }),
    jobSummary({ job_id: 'job-b', parameters: { lr: 0.1 } }),
  );
  renderRoute(`${PAGE}?columns=!job_id,parameters:__proto__,parameters:constructor`);
  const row = within((await screen.findByRole('link', { name: 'job-b' })).closest('tr') as HTMLElement);
  expect(row.getAllByText('–')).toHaveLength(2);
  expect(screen.getByText('mine')).toBeVisible();
});
