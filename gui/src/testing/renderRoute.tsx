import { createMemoryHistory } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { App } from '@/app/App';
import { createQueryClient } from '@/app/queryClient';
import { createAppRouter } from '@/app/router';

/** Show the page at `address`, with everything around it that the real page has. */
export function renderRoute(address: string) {
  const queryClient = createQueryClient();
  const options = queryClient.getDefaultOptions();
  queryClient.setDefaultOptions({ ...options, queries: { ...options.queries, retryDelay: 1 } });
  const router = createAppRouter(queryClient, createMemoryHistory({ initialEntries: [address] }));
  render(<App queryClient={queryClient} router={router} env="test" />);
  return { router, queryClient, user: userEvent.setup() };
}
