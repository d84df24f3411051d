import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { paths } from '@/config/paths';
import { JOB_ID, lineageOf, relative } from '@/testing/fixtures';
import { answer, PAGE } from '@/testing/jobPage';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

it('leads to the search that the job is a trial of', async () => {
  answer({ tags: { search: 'first-1', trial: '3' } });
  renderRoute(PAGE);
  expect(await screen.findByRole('link', { name: 'first-1' })).toHaveAttribute(
    'href',
    '/projects/digits/searches/first-1',
  );
});

it('names the job that submitted it, and those that belong to it', async () => {
  answer({});
  const children = [1, 2, 3, 4, 5, 6].map((place) => relative(`child-${place}`));
  server.use(
    http.get(paths.lineage(JOB_ID), () =>
      HttpResponse.json(
        lineageOf({
          parent_id: 'above',
          parent: relative('above', { project: 'other' }),
          children: { total: 30, jobs: children },
        }),
      ),
    ),
  );
  const { user } = renderRoute(PAGE);
  expect(await screen.findByRole('link', { name: 'above' })).toHaveAttribute(
    'href',
    '/projects/other/jobs/above',
  );
  const list = screen.getByRole('list', { name: 'Jobs it submitted' });
  expect(within(list).getAllByRole('link')).toHaveLength(5);
  await user.click(screen.getByRole('button', { name: 'Show more' }));
  expect(within(list).getAllByRole('link')).toHaveLength(6);
  expect(within(list).getByText('and 24 older ones')).toBeVisible();
  expect(screen.queryByText('Others with the same code')).not.toBeInTheDocument();
});

it('says so when the job that submitted it is gone', async () => {
  answer({});
  server.use(http.get(paths.lineage(JOB_ID), () => HttpResponse.json(lineageOf({ parent_id: 'above' }))));
  renderRoute(PAGE);
  expect(await screen.findByText('Submitted by job above, which is no longer here')).toBeVisible();
});
