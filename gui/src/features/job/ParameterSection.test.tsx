import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { jobSummary } from '@/testing/fixtures';
import { answer, PAGE } from '@/testing/jobPage';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

const SIDE = { name: 'Parameters and tags' };

function answerBefore(parameters: Record<string, number>): void {
  server.use(
    http.get('/api/v3/projects/digits/jobs', () =>
      HttpResponse.json({ jobs: [jobSummary({ job_id: 'before', parameters })], total: 1, cursor: null }),
    ),
  );
}

it('says what the job was given unlike the job before, and leads to both', async () => {
  answer({ parameters: { rate: 0.01, units: 64 } });
  answerBefore({ rate: 0.1, units: 64 });
  renderRoute(PAGE);
  const side = within(await screen.findByRole('complementary', SIDE));
  expect(await side.findByText(/1 unlike the job before/)).toBeVisible();
  expect(side.getByText('0.1')).toBeVisible();
  expect(side.getByRole('link', { name: 'before' })).toHaveAttribute(
    'href',
    expect.stringContaining('/projects/digits/compare?jobs=before'),
  );
});

it('compares no jobs that have no parameter in common', async () => {
  answer({ parameters: { rate: 0.01 } });
  answerBefore({ other: 1 });
  renderRoute(PAGE);
  expect(await screen.findByText('0.01')).toBeVisible();
  expect(screen.queryByText(/the job before/)).not.toBeInTheDocument();
});

it('shows the first of many parameters, all when asked, and those that are looked for', async () => {
  answer({ parameters: Object.fromEntries(Array.from({ length: 30 }, (_, place) => [`p${place}`, place])) });
  const { user } = renderRoute(PAGE);
  const side = within(await screen.findByRole('complementary', SIDE));
  expect(side.queryByText('p29')).not.toBeInTheDocument();
  await user.type(side.getByRole('searchbox', { name: 'Find a parameter' }), 'P29');
  expect(side.getByText('p29')).toBeVisible();
  await user.clear(side.getByRole('searchbox', { name: 'Find a parameter' }));
  await user.click(side.getByRole('button', { name: 'Show all 30' }));
  expect(side.getByText('p29')).toBeVisible();
});

it('unfolds a long value', async () => {
  const value = 'word '.repeat(100).trim();
  answer({ parameters: { prompt: value } });
  const { user } = renderRoute(PAGE);
  const fold = await screen.findByRole('button', { name: /^word word/, expanded: false });
  expect(fold.textContent).not.toBe(value);
  await user.click(fold);
  expect(fold).toHaveTextContent(value);
});
