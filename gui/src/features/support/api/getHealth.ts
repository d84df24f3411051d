import { queryOptions } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/request';

/** What the server says of itself and of the services behind it. */
export interface Health {
  version: string;
  services: Record<string, { healthy: boolean; problem: string | null; seconds: number }>;
}

export function healthQuery() {
  return queryOptions({
    queryKey: ['health'],
    queryFn: ({ signal }) => getJson<Health>(paths.health, signal),
    staleTime: 0,
  });
}
