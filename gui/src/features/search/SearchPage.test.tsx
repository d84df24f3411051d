import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { jobSummary } from '@/testing/fixtures';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';
import type { JobSummary } from '@/types/api';

/** Answer with these trials; returns the filters that were asked for. */
function answer(jobs: JobSummary[]): string[] {
  const asked: string[] = [];
  server.use(
    http.get('/api/v3/projects/digits/jobs', ({ request }) => {
      asked.push(new URL(request.url).searchParams.get('filter') ?? '');
      return HttpResponse.json({ jobs, total: jobs.length, cursor: null });
    }),
  );
  return asked;
}

function trial(number: number, part: Partial<JobSummary> = {}): JobSummary {
  return jobSummary({
    job_id: `trial-${number}`,
    tags: { trial: String(number), search: 'first' },
    parameters: { rate: number / 100, units: [16, 32][number % 2] ?? 16 },
    metrics: { loss: 1 - number / 100 },
    ...part,
  });
}

function cells(row: HTMLElement | undefined): (string | null)[] {
  return row
    ? within(row)
        .getAllByRole('cell')
        .map(({ textContent }) => textContent)
    : [];
}

it('shows the best trial, which parameters matter, and the trials from the best to those without a number', async () => {
  const jobs = Array.from({ length: 40 }, (_, number) => trial(number));
  answer([...jobs, trial(40, { metrics: { loss: 'NaN' }, status: 'failed' }), trial(41, { metrics: {} })]);
  renderRoute('/projects/digits/searches/first');
  const rows = await screen.findAllByRole('row');
  expect(cells(rows[1]).slice(0, 3)).toEqual(['39', 'Completed', '0.61']);
  expect(cells(rows[41]).slice(0, 3)).toEqual(['41', 'Completed', '–']);
  expect(cells(rows[42]).slice(0, 3)).toEqual(['40', 'Failed', 'NaN']);
  expect(screen.getByRole('radio', { name: 'Smallest is best' })).toBeChecked();
  const charts = screen.getAllByRole('figure').map(({ textContent }) => textContent);
  expect(charts[1]).toMatch(/^rate (9\d|100) %/);
  expect(charts[2]).toMatch(/^units no clear effect/);
  expect(screen.getByRole('link', { name: 'Compare the best 10' })).toBeVisible();
});

it('leads to the same trials in the table of jobs', async () => {
  const asked = answer([trial(1), trial(2)]);
  renderRoute('/projects/digits/searches/a%22b');
  const link = await screen.findByRole('link', { name: 'Show in the table of jobs' });
  expect(asked[0]).toBe('tags.search == "a\\"b"');
  expect(new URL(link.getAttribute('href') ?? '', 'http://x').searchParams.get('filter')).toBe(asked[0]);
});

it('is judged by another metric and goal when they are chosen', async () => {
  answer([trial(1, { metrics: { loss: 0.5, acc: 0.1 } }), trial(2, { metrics: { loss: 0.7, acc: 0.9 } })]);
  const { user } = renderRoute('/projects/digits/searches/first');
  await screen.findAllByRole('row');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Judged by' }), 'acc');
  expect(await screen.findByRole('columnheader', { name: 'acc' })).toBeVisible();
  expect(cells(screen.getAllByRole('row')[1])[0]).toBe('2');
  await user.click(screen.getByText('Smallest is best'));
  expect(cells(screen.getAllByRole('row')[1])[0]).toBe('1');
});

it('says of few trials from how many on it tells what matters', async () => {
  answer([trial(1), trial(2), trial(3)]);
  renderRoute('/projects/digits/searches/first');
  expect(await screen.findByText('Which parameters matter is told from 20 trials on')).toBeVisible();
});

it('says what to do where no trial has a metric', async () => {
  answer([trial(1, { metrics: {} })]);
  renderRoute('/projects/digits/searches/first');
  expect(await screen.findByText(/No trial has logged a metric yet/)).toBeVisible();
});

it('draws nothing where no number is finite', async () => {
  answer([trial(1, { metrics: { loss: 'NaN' } })]);
  renderRoute('/projects/digits/searches/first');
  expect(await screen.findByText(/No trial has logged loss as a finite number yet/)).toBeVisible();
  expect(screen.queryByRole('figure')).not.toBeInTheDocument();
});

it('says that there is no such search', async () => {
  answer([]);
  renderRoute('/projects/digits/searches/gone');
  expect(await screen.findByText('No trial belongs to this search')).toBeVisible();
});
