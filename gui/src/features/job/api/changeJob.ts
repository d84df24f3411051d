import { useMutation, useQueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { jobKey } from '@/lib/getJob';
import { send, sendJson } from '@/lib/request';
import type { JobReport } from '@/types/people';

/** Stop the job, whether it waits or runs. */
export function useStop(jobId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send('POST', paths.stop(jobId)),
    onSettled: () => client.invalidateQueries({ queryKey: jobKey(jobId) }),
  });
}

/** Delete the job with its files. The error says why it was not. */
export function useDelete(jobId: string, onDeleted: () => void) {
  return useMutation({
    mutationFn: async () => {
      const report = await sendJson<JobReport>('POST', paths.deleteJobs, { job_ids: [jobId] });
      const [refusal] = report.failed;
      if (refusal) throw new Error(refusal.detail);
    },
    onSuccess: onDeleted,
  });
}

/** Have TensorBoard show the job; the answer is where. */
export function useTensorboard(jobId: string) {
  return useMutation({
    mutationFn: async () =>
      (await sendJson<{ url: string }>('POST', paths.tensorboard, { job_ids: [jobId] })).url,
  });
}
