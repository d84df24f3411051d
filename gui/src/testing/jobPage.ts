/** The server's answers of which a job's page is made. */

import { http, HttpResponse } from 'msw';

import { paths } from '@/config/paths';
import type { Job, Why } from '@/types/api';

import { job, JOB_ID, lineageOf, whyOf } from './fixtures';
import { server } from './server';

export const PAGE = `/projects/digits/jobs/${JOB_ID}`;

/** Answer what the page of the job asks for. */
export function answer(part: Partial<Job>, log = '', why: Partial<Why> = {}): void {
  server.use(
    http.get(paths.why(JOB_ID), () => HttpResponse.json(whyOf({ status: job(part).status, ...why }))),
    http.get(paths.job(JOB_ID), () => HttpResponse.json(job(part))),
    http.get('/api/v3/projects/digits/jobs', () => HttpResponse.json({ jobs: [], total: 0, cursor: null })),
    http.get(paths.comments('digits'), () => HttpResponse.json([])),
    http.get(paths.lineage(JOB_ID), () => HttpResponse.json(lineageOf())),
    http.get(paths.log(JOB_ID), ({ request }) =>
      HttpResponse.text(log.slice(Number(new URL(request.url).searchParams.get('offset')))),
    ),
    http.get(`/api/v3/jobs/${JOB_ID}/series/:name`, ({ params }) =>
      HttpResponse.json({ name: params['name'], values: [1, 2], times: [1, 2], steps: [0, 1] }),
    ),
  );
}
