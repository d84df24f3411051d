import { useMinutes } from '@/lib/clock';
import { formatAgo, formatFullMoment, formatMoment, type MomentStyle } from '@/lib/time';

interface MomentProps {
  /** Milliseconds since the epoch. */
  at: number;
  /** `ago` says how long it is since; the others say when it was, in several ways. */
  as?: MomentStyle | 'ago';
}

/** A moment in the reader's zone; the full time is in its title. */
export function Moment({ at, as = 'when' }: MomentProps) {
  const now = useMinutes();
  return (
    <time dateTime={new Date(at).toISOString()} title={formatFullMoment(at)}>
      {as === 'ago' ? formatAgo(at, now) : formatMoment(at, now, as)}
    </time>
  );
}
