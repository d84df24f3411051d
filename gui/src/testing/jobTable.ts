/** A server that has the jobs of a project, for the tests of the table. */

import { http, HttpResponse } from 'msw';

import type { Facets, JobSummary } from '@/types/api';

import { facet, facets } from './fixtures';
import { server } from './server';

const JOBS = '/api/v3/projects/digits/jobs';
const VIEWS = '/api/v3/projects/digits/views';
const FACETS = '/api/v3/projects/digits/facets';

/** What the page asked the server for, since the server last had other jobs. */
export const asked: URLSearchParams[] = [];

/** Let the server have these jobs; what it filters and in which order is its own business. */
export function answer(...jobs: JobSummary[]): void {
  asked.length = 0;
  server.use(
    http.get(JOBS, ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(searchParams);
      const first = Number(searchParams.get('offset') ?? 0);
      const shown = jobs.slice(first, first + Number(searchParams.get('limit')));
      return HttpResponse.json({ jobs: shown, total: jobs.length, cursor: null });
    }),
    http.get(VIEWS, () => HttpResponse.json([])),
    http.get(FACETS, () => HttpResponse.json(facetsOf(jobs))),
  );
}

function facetsOf(jobs: JobSummary[]): Facets {
  const named = (group: 'parameters' | 'metrics' | 'tags') =>
    [...new Set(jobs.flatMap((job) => Object.keys(job[group])))].map((name) =>
      facet(name, { jobs: jobs.length, min: group === 'tags' ? null : 0, max: group === 'tags' ? null : 1 }),
    );
  return facets({
    jobs: jobs.length,
    user: [{ value: 'ada', jobs: jobs.length }],
    parameters: named('parameters'),
    metrics: named('metrics'),
    tags: named('tags'),
  });
}

/** Return a part of what the page asked for last. */
export function lastAsked(part: string): string | null | undefined {
  return asked.at(-1)?.get(part);
}
