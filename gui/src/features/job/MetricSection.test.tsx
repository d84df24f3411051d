import { act, screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { JOB_ID, metric } from '@/testing/fixtures';
import { answer, PAGE } from '@/testing/jobPage';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

it('puts charts into sections, and finds those of many by their names', async () => {
  const names = Array.from({ length: 7 }, (_, number) => [`train/m${number}`, `val/m${number}`]).flat();
  answer({ metrics: Object.fromEntries(names.map((name) => [name, metric(2, 1)])) });
  const { user } = renderRoute(PAGE);
  const first = await screen.findByRole('figure', { name: 'Chart of train/m0' });
  expect(within(first).getByText('m0')).toBeVisible();
  expect(screen.getByText('train')).toBeVisible();
  await user.type(screen.getByRole('searchbox', { name: 'Find a metric' }), 'val m3');
  expect(screen.getByRole('figure', { name: 'Chart of val/m3' })).toBeVisible();
  expect(screen.getAllByRole('figure')).toHaveLength(1);
});

it('says what a chart cannot draw', async () => {
  answer({ metrics: { loss: metric(3, 1) } });
  server.use(
    http.get(`/api/v3/jobs/${JOB_ID}/series/:name`, () =>
      HttpResponse.json({
        name: 'loss',
        values: [-1, 'NaN', 'Infinity'],
        times: [1, 2, 3],
        steps: [0, 1, 2],
      }),
    ),
  );
  const { user } = renderRoute(PAGE);
  expect(await screen.findByText(/3 points, 1 NaN, 1 ∞/)).toBeVisible();
  await user.click(screen.getByRole('checkbox', { name: 'Log scale' }));
  expect(await screen.findByText('No value is above zero: a log scale shows none.')).toBeVisible();
});

it('prints the whole log', async () => {
  const lines = Array.from({ length: 300 }, (_, number) => `line ${number}.`);
  answer({}, lines.join('\n'));
  renderRoute(PAGE);
  expect(await screen.findByText('line 0.')).toBeVisible();
  expect(screen.queryByText('line 150.')).not.toBeInTheDocument();
  act(() => {
    window.dispatchEvent(new Event('beforeprint'));
  });
  expect(screen.getByText('line 150.')).toBeInTheDocument();
  act(() => {
    window.dispatchEvent(new Event('afterprint'));
  });
  expect(screen.queryByText('line 150.')).not.toBeInTheDocument();
});
