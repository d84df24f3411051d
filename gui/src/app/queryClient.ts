/** How requests are kept and tried again. */

import { QueryClient } from '@tanstack/react-query';

import { RequestError } from '@/lib/request';

/** Further attempts at a request that failed for a reason that may pass. */
const RETRIES = 2;
/** Milliseconds for which an answer is good without a word from the server's events. */
const STALE_AFTER = 10_000;

/** Return a client with an empty cache. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The server may well be this very machine: a browser that believes itself offline must not keep us from it.
        networkMode: 'always',
        staleTime: STALE_AFTER,
        retry: (failures, error) => failures < RETRIES && mayPass(error),
        retryDelay: (attempt) => 300 * 2 ** attempt,
      },
    },
  });
}

function mayPass(error: Error): boolean {
  return !(error instanceof RequestError) || error.status === 0 || error.status >= 500;
}
