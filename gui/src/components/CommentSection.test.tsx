import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import { answer, PAGE } from '@/testing/jobPage';
import { renderRoute } from '@/testing/renderRoute';

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
