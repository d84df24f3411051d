import { useMutation, useMutationState, useQueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { send } from '@/lib/request';

import { schedulerKey } from './scheduler';

const STOPS = ['jobs', 'stop'];

/** Stop a job, whether it waits or runs. */
export function useStopJob() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: STOPS,
    mutationFn: (jobId: string) => send('POST', paths.stop(jobId)),
    onSettled: () => client.invalidateQueries({ queryKey: schedulerKey() }),
  });
}

/** The jobs that were told to stop, and of which the server has not said yet that it heard. */
export function usePendingStops(): string[] {
  return useMutationState({
    filters: { mutationKey: STOPS, status: 'pending' },
    select: (mutation) => mutation.state.variables as string,
  });
}

/** Cancel all jobs that wait. */
export function useClearQueue() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send('DELETE', paths.queue),
    onSettled: () => client.invalidateQueries({ queryKey: schedulerKey() }),
  });
}
