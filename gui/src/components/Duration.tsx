import { useSeconds } from '@/lib/clock';
import { formatDuration } from '@/lib/duration';

interface DurationProps {
  seconds: number;
  /** For a job that runs: when the server said `seconds`. It goes on from there, whatever this machine's clock says. */
  since?: number | undefined;
}

/** A span of time, which grows while it lasts. */
export function Duration({ seconds, since }: DurationProps) {
  return since === undefined ? (
    <span>{formatDuration(seconds)}</span>
  ) : (
    <Growing seconds={seconds} since={since} />
  );
}

function Growing({ seconds, since }: { seconds: number; since: number }) {
  const now = useSeconds();
  return <span>{formatDuration(Math.floor(seconds + Math.max(0, now - since) / 1000))}</span>;
}
