import { useMutation, useQueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { jobsKey } from '@/lib/getJobPage';
import { sendJson } from '@/lib/request';
import type { BulkReport, JobPage, JobSummary } from '@/types/api';

/** Tags that are set, and the names of those that go. */
export interface TagChange {
  set: Record<string, string>;
  remove: string[];
}

/** Tags many jobs. The table shows it at once, and takes it back if the server refuses. */
export function useTagJobs(project: string) {
  return useBulkChange(
    project,
    ({ jobIds, change }: { jobIds: string[]; change: TagChange }) =>
      sendJson<BulkReport>('POST', paths.tagJobs, { job_ids: jobIds, ...change }),
    (jobs, { jobIds, change }) => {
      const chosen = new Set(jobIds);
      return jobs.map((job) => (chosen.has(job.job_id) ? { ...job, tags: tagged(job.tags, change) } : job));
    },
  );
}

/** Deletes jobs that have ended, with their files. The table shows it at once, and takes it back if it is refused. */
export function useDeleteJobs(project: string) {
  return useBulkChange(
    project,
    (jobIds: string[]) => sendJson<BulkReport>('POST', paths.deleteJobs, { job_ids: jobIds }),
    (jobs, jobIds) => {
      const gone = new Set(jobIds);
      return jobs.filter(({ job_id }) => !gone.has(job_id));
    },
  );
}

/** Has TensorBoard show jobs; returns its address. */
export function useTensorBoard() {
  return useMutation({
    mutationFn: async (jobIds: string[]) =>
      (await sendJson<{ url: string }>('POST', paths.tensorboard, { job_ids: jobIds })).url,
  });
}

function tagged(tags: JobSummary['tags'], { set, remove }: TagChange): JobSummary['tags'] {
  return Object.fromEntries(Object.entries({ ...tags, ...set }).filter(([name]) => !remove.includes(name)));
}

function useBulkChange<Change>(
  project: string,
  send: (change: Change) => Promise<BulkReport>,
  foresee: (jobs: JobSummary[], change: Change) => JobSummary[],
) {
  const client = useQueryClient();
  const queryKey = [...jobsKey(project), 'page'];
  return useMutation({
    mutationFn: send,
    onMutate: async (change) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueriesData<JobPage>({ queryKey });
      client.setQueriesData<JobPage>(
        { queryKey },
        (page) => page && { ...page, jobs: foresee(page.jobs, change) },
      );
      return before;
    },
    onError: (_error, _change, before) => {
      before?.forEach(([key, page]) => client.setQueryData(key, page));
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: jobsKey(project) });
      void client.invalidateQueries({ queryKey: ['facets', project] });
    },
  });
}
