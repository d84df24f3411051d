import { queryOptions, useQuery, type QueryKey } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import type { Job, ManyJobs } from '@/types/api';

import { Batch } from './batch';
import { getJson, RequestError, sendJson } from './request';

/** Jobs of one request, at most. */
const MOST = 200;

/** Jobs that are wanted at the same time come in one answer: a comparison wants two hundred. */
const batch = new Batch<Job>(readMany, MOST);

async function readMany(ids: string[]): Promise<(Job | Error)[]> {
  const { jobs } = await sendJson<ManyJobs>('POST', paths.readJobs, { job_ids: ids });
  const found = new Map(jobs.map((job) => [job.job_id, job]));
  return ids.map((id) => found.get(id) ?? missing(id));
}

function missing(jobId: string): RequestError {
  return new RequestError(404, 'job_not_found', `Job \`${jobId}\` does not exist.`);
}

/** Return the beginning of the keys of all that is known of a job. */
export function jobKey(jobId: string): QueryKey {
  return ['jobs', jobId];
}

export function jobQuery(jobId: string) {
  return queryOptions({
    queryKey: [...jobKey(jobId), 'facts'],
    queryFn: ({ signal }) => getJson<Job>(paths.job(jobId), signal),
  });
}

/** One of several jobs that are wanted together; known by the same key as alone. */
export function oneOfManyQuery(jobId: string) {
  return queryOptions({ ...jobQuery(jobId), queryFn: () => batch.get(jobId) });
}

/** Read jobs for what cannot wait until each is kept: those who show them ask in the same turn, and share the answer. */
export function readJobs(jobIds: string[]): Promise<Job[]> {
  return Promise.all(jobIds.map((id) => batch.get(id)));
}

/** One job with what it logged. */
export function useJob(jobId: string) {
  return useQuery(jobQuery(jobId));
}
