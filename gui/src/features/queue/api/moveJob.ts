import { useMutation, useMutationState, useQueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { send } from '@/lib/request';

import type { Move } from '../order';
import { schedulerKey } from './scheduler';

const MOVES = ['queue', 'move'];

/** Give a waiting job another place. Moves reach the server one after the other, in the order in which they were made. */
export function useMoveJob() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: MOVES,
    scope: { id: 'queue' },
    mutationFn: ({ jobId, place, other }: Move) => send('PATCH', paths.queuePlace(jobId), { [place]: other }),
    // Under way until the truth has been read again, so that nothing jumps back for a moment.
    onSettled: () => client.invalidateQueries({ queryKey: [...schedulerKey(), 'queue'] }),
  });
}

/** The moves that the server has not confirmed yet. One that it refuses is gone from here, and so undone. */
export function usePendingMoves(): Move[] {
  return useMutationState({
    filters: { mutationKey: MOVES, status: 'pending' },
    select: (mutation) => mutation.state.variables as Move,
  });
}
