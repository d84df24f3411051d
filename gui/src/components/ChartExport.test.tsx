import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import { PLAIN } from './chartChoice';
import { ChartExport } from './ChartExport';

it('opens its menu by keyboard, and gives the focus back', async () => {
  render(
    <MantineProvider env="test">
      <ChartExport title="loss" lines={[]} axis="step" look={PLAIN} formatY={String} />
    </MantineProvider>,
  );
  const user = userEvent.setup();
  await user.tab();
  await user.keyboard('{Enter}');
  expect(await screen.findByRole('menuitem', { name: 'Points (CSV)' })).toBeVisible();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('menu')).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Save the chart of loss' })).toHaveFocus();
});
