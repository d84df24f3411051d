/** The order of the queue, and how people change it. */

/**
 * Where job `jobId` goes: right before or after job `other`, which is as true after other moves as before them; or to
 * the place `other`, counted from 0, which is how one says a place among jobs that are not shown.
 */
export type Move = { jobId: string } & (
  { place: 'before' | 'after'; other: string } | { place: 'position'; other: number }
);

interface Job {
  job_id: string;
}

/** Return `jobs` as they stand after `moves`. A move that names a job which is not there changes nothing. */
export function afterMoves<T extends Job>(jobs: T[], moves: Move[]): T[] {
  return moves.reduce((order, move) => {
    const moved = order.find(({ job_id }) => job_id === move.jobId);
    const rest = order.filter((job) => job !== moved);
    if (move.place === 'position') return rest;
    const beside = rest.findIndex(({ job_id }) => job_id === move.other);
    if (!moved || beside < 0) return order;
    return rest.toSpliced(move.place === 'before' ? beside : beside + 1, 0, moved);
  }, jobs);
}

/**
 * Return the move that brings the job at `from` to the place `to`, or undefined when it stands there already. `jobs` are
 * the first of `total` that wait.
 */
export function moveTo(jobs: Job[], from: number, to: number, total: number): Move | undefined {
  const place = Math.max(0, Math.min(to, total - 1));
  const [moved, other] = [jobs[from], jobs[place]];
  if (!moved || place === from) return undefined;
  if (!other) return { jobId: moved.job_id, place: 'position', other: place };
  return { jobId: moved.job_id, place: place < from ? 'before' : 'after', other: other.job_id };
}

/** Return where a key brings the job at `from`; undefined for a key that means nothing here. */
export function placeOfKey(key: string, from: number, count: number): number | undefined {
  const places: Record<string, number> = {
    ArrowUp: from - 1,
    ArrowDown: from + 1,
    Home: 0,
    End: count - 1,
  };
  return places[key];
}
