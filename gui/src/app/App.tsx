import { MantineProvider } from '@mantine/core';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';

import { LiveUpdates } from './LiveUpdates';
import type { AppRouter } from './router';
import { theme } from './theme';

interface AppProps {
  queryClient: QueryClient;
  router: AppRouter;
}

/** The whole page. */
export function App({ queryClient, router }: AppProps) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <LiveUpdates>
          <RouterProvider router={router} />
        </LiveUpdates>
      </QueryClientProvider>
    </MantineProvider>
  );
}
