import { useMutation, useQueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { jobQuery } from '@/lib/getJob';
import { sendJson } from '@/lib/request';
import type { Job, Value } from '@/types/api';
import type { JobReport } from '@/types/people';

export interface TagChange {
  set?: Record<string, string>;
  remove?: string[];
}

/** Change the tags of a job. They look changed at once, and as they were if the server refuses. */
export function useChangeTags(jobId: string) {
  const client = useQueryClient();
  const { queryKey } = jobQuery(jobId);
  return useMutation({
    mutationFn: async (change: TagChange) => {
      const report = await sendJson<JobReport>('POST', paths.tagJobs, { job_ids: [jobId], ...change });
      const [refusal] = report.failed;
      if (refusal) throw new Error(refusal.detail);
    },
    onMutate: async (change) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData<Job>(queryKey);
      client.setQueryData<Job>(queryKey, (job) => job && { ...job, tags: afterChange(job.tags, change) });
      return { before };
    },
    onError: (_error, _change, known) => {
      if (known?.before) client.setQueryData(queryKey, known.before);
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
}

/** Return the tags as they are after the change. */
export function afterChange(
  tags: Record<string, Value>,
  { set = {}, remove = [] }: TagChange,
): Record<string, Value> {
  const kept = Object.entries(tags).filter(([name]) => !remove.includes(name));
  return { ...Object.fromEntries(kept), ...set };
}
