import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, it } from 'vitest';

import { paths } from '@/config/paths';
import { answer, PAGE } from '@/testing/jobPage';
import { renderRoute } from '@/testing/renderRoute';
import { server } from '@/testing/server';

it('keeps an unsent comment while one looks at another tab of the job', async () => {
  answer({});
  const { user } = renderRoute(PAGE);
  await user.type(await screen.findByRole('textbox', { name: 'Comment' }), 'half a thought');
  await user.click(screen.getByRole('link', { name: /Artifacts/ }));
  expect(await screen.findByRole('link', { name: /Artifacts/, current: 'page' })).toBeVisible();
  expect(screen.queryByRole('textbox', { name: 'Comment' })).not.toBeInTheDocument();
  await user.click(screen.getByRole('link', { name: 'Overview' }));
  expect(await screen.findByRole('textbox', { name: 'Comment' })).toHaveValue('half a thought');
});

it('keeps what is typed while a comment is on its way', async () => {
  answer({});
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  server.use(
    http.post(paths.comments('digits'), async () => {
      await arrived;
      return HttpResponse.json({}, { status: 201 });
    }),
  );
  const { user } = renderRoute(PAGE);
  const text = await screen.findByRole('textbox', { name: 'Comment' });
  const button = screen.getByRole('button', { name: 'Add comment' });
  await user.type(text, 'said');
  await user.click(button);
  await user.clear(text);
  await user.type(text, 'and this');
  arrive();
  await waitFor(() => {
    expect(button).toBeEnabled();
  });
  expect(text).toHaveValue('and this');
  await user.click(button);
  await waitFor(() => {
    expect(text).toHaveValue('');
  });
});
