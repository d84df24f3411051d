import { useMutation, useMutationState, useQueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { send } from '@/lib/request';
import type { ScheduleStatus } from '@/types/api';

import { schedulesQuery } from './getSchedules';

export interface ScheduleChange {
  id: string;
  to: ScheduleStatus | 'removed';
}

const CHANGES = ['schedules', 'change'];

/** Pause a schedule, let it fire again, or remove it with its runs. */
export function useChangeSchedule() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: CHANGES,
    mutationFn: ({ id, to }: ScheduleChange) =>
      to === 'removed' ? send('DELETE', paths.schedule(id)) : send('PUT', paths.schedule(id), { status: to }),
    onSettled: () => client.invalidateQueries({ queryKey: schedulesQuery().queryKey }),
  });
}

/** The changes that the server has not confirmed yet, by the schedule's id. */
export function usePendingChanges(): Map<string, ScheduleChange['to']> {
  const changes = useMutationState({
    filters: { mutationKey: CHANGES, status: 'pending' },
    select: (mutation) => mutation.state.variables as ScheduleChange,
  });
  return new Map(changes.map(({ id, to }) => [id, to]));
}
