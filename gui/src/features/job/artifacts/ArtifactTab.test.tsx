import { fireEvent, screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { artifact, JOB_ID } from '@/testing/fixtures';
import { answer, PAGE } from '@/testing/jobPage';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

it('shows pictures and offers every file', async () => {
  answer({
    artifacts: [
      artifact('a plot.png'),
      artifact('model.pkl', { path: 'user_artifacts/keys/m%2F1/model.pkl' }),
    ],
  });
  const { user } = renderRoute(`${PAGE}?tab=artifacts`);
  expect(await screen.findByRole('img', { name: 'a plot.png' })).toHaveAttribute(
    'src',
    `/archive/${JOB_ID}/user_artifacts/a%20plot.png`,
  );
  await user.click(screen.getByRole('button', { name: /model\.pkl/ }));
  expect(await screen.findByRole('link', { name: 'Download model.pkl' })).toHaveAttribute(
    'href',
    `/archive/${JOB_ID}/user_artifacts/keys/m%252F1/model.pkl`,
  );
  expect(screen.getByText(/cannot be shown here/)).toBeVisible();
});

it('shows a table as a table and JSON as a tree', async () => {
  answer({ artifacts: [artifact('a.csv'), artifact('b.json')] });
  server.use(
    http.get(`/archive/${JOB_ID}/user_artifacts/a.csv`, () =>
      HttpResponse.text('digit,recall\n1,0.5\n2,0.9\n'),
    ),
    http.get(`/archive/${JOB_ID}/user_artifacts/b.json`, () => HttpResponse.text('{"layers": [784, 10]}')),
  );
  const { user } = renderRoute(`${PAGE}?tab=artifacts`);
  expect(await screen.findByText('2 rows, 2 columns')).toBeVisible();
  await user.click(screen.getByRole('button', { name: /b\.json/ }));
  expect(await screen.findByText('784')).toBeVisible();
});

it('shows a page that a job saved in a frame that is shut off', async () => {
  answer({ artifacts: [artifact('report.html')] });
  renderRoute(`${PAGE}?tab=artifacts`);
  const shown = within(await screen.findByRole('region', { name: 'Shown: report.html' }));
  const frame = await shown.findByTitle('report.html');
  expect(frame).toHaveAttribute('sandbox', 'allow-scripts');
  expect(frame).toHaveAttribute('src', `/archive/${JOB_ID}/user_artifacts/report.html?framed=1`);
});

it('says that the browser cannot show a damaged picture', async () => {
  answer({ artifacts: [artifact('broken.png')] });
  renderRoute(`${PAGE}?tab=artifacts`);
  fireEvent.error(await screen.findByRole('img', { name: 'broken.png' }));
  expect(await screen.findByText(/The browser cannot show this picture/)).toBeVisible();
});

it('shows Markdown as it reads, and as it is written', async () => {
  answer({ artifacts: [artifact('notes.md')] });
  server.use(
    http.get(`/archive/${JOB_ID}/user_artifacts/notes.md`, () => HttpResponse.text('# Findings\n<b>x</b>\n')),
  );
  const { user } = renderRoute(`${PAGE}?tab=artifacts`);
  expect(await screen.findByRole('heading', { name: 'Findings' })).toBeVisible();
  expect(screen.getByText('<b>x</b>')).toBeVisible();
  await user.click(screen.getByRole('radio', { name: 'Source' }));
  expect(screen.queryByRole('heading', { name: 'Findings' })).not.toBeInTheDocument();
});
