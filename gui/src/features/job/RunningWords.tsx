import { Duration } from '@/components/Duration';
import { useSeconds } from '@/lib/clock';
import { formatDuration } from '@/lib/duration';
import type { Job } from '@/types/api';

import classes from './JobHead.module.css';
import { signOf, silenceOf } from './pace';

/** Seconds; what is less long ago is now. */
const NOW = 3;

interface RunningWordsProps {
  job: Job;
  /** When the server said how the job stands, by this machine's clock. */
  readAt: number;
}

/** How long the job has been running, and whether it still goes on. */
export function RunningWords({ job, readAt }: RunningWordsProps) {
  const sign = signOf(job);
  return (
    <span>
      for <Duration seconds={job.duration ?? 0} since={readAt} />
      {sign ? <LastSign sign={sign} readAt={readAt} /> : ' · no metric yet'}
    </span>
  );
}

function LastSign({ sign, readAt }: { sign: NonNullable<ReturnType<typeof signOf>>; readAt: number }) {
  const now = useSeconds();
  const { ago, isLong } = silenceOf(sign, Math.max(0, now - readAt) / 1000);
  return (
    <>
      {' · '}
      <span className={isLong ? classes.silent : undefined}>
        last metric {ago < NOW ? 'just now' : `${formatDuration(Math.floor(ago))} ago`}
        {isLong && `, one came every ${formatDuration(sign.every)} before`}
      </span>
    </>
  );
}
