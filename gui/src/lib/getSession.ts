import { queryOptions, useQuery } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import type { Session } from '@/types/people';

import { claimDrafts } from './drafts';
import { getJson, RequestError } from './request';

/** What a server without a login says; every user is the same there. */
const OPEN: Session = { login: false, user: null, role: 'admin' };
/** What is known of a reader who must log in first. */
const STRANGER: Session = { login: true, user: null, role: null };

export function sessionQuery() {
  return queryOptions({
    queryKey: ['session'],
    queryFn: ({ signal }) => getSession(signal),
    staleTime: 60_000,
    retry: false,
  });
}

/** Who reads; undefined until the server has said it. */
export function useSession(): Session | undefined {
  return useQuery(sessionQuery()).data;
}

async function getSession(signal: AbortSignal): Promise<Session> {
  try {
    const session = await getJson<Session>(paths.session, signal);
    if (session.user !== null) claimDrafts(session.user);
    return session;
  } catch (error) {
    if (error instanceof RequestError && error.status === 401) return STRANGER;
    // A server that knows no such route knows no login either.
    if (error instanceof RequestError && error.isMissing) return OPEN;
    throw error;
  }
}
