/** The order of the queue, and how people change it. */

/** Job `jobId` goes right before or after job `other`: as true after other moves as before them. */
export interface Move {
  jobId: string;
  place: 'before' | 'after';
  other: string;
}

interface Job {
  job_id: string;
}

/** Return `jobs` as they stand after `moves`. A move that names a job which is not there changes nothing. */
export function afterMoves<T extends Job>(jobs: T[], moves: Move[]): T[] {
  return moves.reduce((order, { jobId, place, other }) => {
    const moved = order.find(({ job_id }) => job_id === jobId);
    const rest = order.filter((job) => job !== moved);
    const beside = rest.findIndex(({ job_id }) => job_id === other);
    if (!moved || beside < 0) return order;
    return rest.toSpliced(place === 'before' ? beside : beside + 1, 0, moved);
  }, jobs);
}

/** Return the move that brings the job at `from` to the place `to`, or undefined when it stands there already. */
export function moveTo(jobs: Job[], from: number, to: number): Move | undefined {
  const moved = jobs[from];
  const place = Math.max(0, Math.min(to, jobs.length - 1));
  const other = jobs[place];
  if (!moved || !other || place === from) return undefined;
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
