/** What the server says of people: who reads, what they wrote, and what became of what they asked for. */

import type { JobStatus } from './api';

/** POST /api/v3/jobs/tags and /api/v3/jobs/delete. */
export interface JobReport {
  done: string[];
  failed: { job_id: string; code: string; detail: string }[];
}

/** GET /api/v3/projects/<name>/notes, one entry. */
export interface Note {
  /** Seconds since the epoch. */
  time: number;
  message: string;
  author: string;
}

/** One job of GET /api/v3/jobs?prefix=. */
export interface JobMatch {
  job_id: string;
  project: string;
  status: JobStatus;
}

/** GET /api/v3/auth/session. */
export interface Session {
  /** Whether people log in at this server. */
  login: boolean;
  user: string | null;
  role: string | null;
}
