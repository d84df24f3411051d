/** What the server says of people: who reads, what they wrote, and what became of what they asked for. */

import type { components, operations } from '@/api/schema';

/** What became of a change of many jobs. */
export type JobReport = components['schemas']['BulkReport'];

export type Note = components['schemas']['Note'];

type Found = operations['job_search_found']['responses'][200]['content']['application/json'];
/** A job whose id begins as somebody wrote. */
export type JobMatch = Found['jobs'][number];

/** GET /api/v3/auth/session, which is the proxy's own. */
export interface Session {
  /** Whether people log in at this server. */
  login: boolean;
  user: string | null;
  role: string | null;
}
