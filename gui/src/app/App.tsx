import { MantineProvider } from '@mantine/core';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';

import { LiveUpdates } from './LiveUpdates';
import type { AppRouter } from './router';
import { theme } from './theme';

interface AppProps {
  /** `test` shows at once what otherwise moves into sight. */
  env?: 'default' | 'test';
  queryClient: QueryClient;
  router: AppRouter;
}

/** The whole page. */
export function App({ queryClient, router, env = 'default' }: AppProps) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" env={env}>
      <QueryClientProvider client={queryClient}>
        <LiveUpdates>
          <RouterProvider router={router} />
        </LiveUpdates>
      </QueryClientProvider>
    </MantineProvider>
  );
}
