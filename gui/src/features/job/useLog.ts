import { useEffect, useState, useSyncExternalStore } from 'react';

import { isVisible, watchVisibility } from '@/lib/visibility';

import { LogFollower, type FollowState } from './api/LogFollower';
import { LogLines } from './logLines';

/** Follow a job's log while the page is seen. Returns the lines, and how the following goes. */
export function useLog(jobId: string, jobHasEnded: boolean): { lines: LogLines; state: FollowState } {
  const [state, setState] = useState<FollowState>('opening');
  const [lines] = useState(() => new LogLines());
  const [follower] = useState(
    () =>
      new LogFollower(jobId, {
        onText: (text, isNew) => {
          lines.push(text, isNew ? Date.now() : undefined);
        },
        onUnfinished: (text) => {
          lines.showUnfinished(text);
        },
        onState: setState,
      }),
  );
  useSyncExternalStore(lines.subscribe, lines.read);

  useEffect(() => {
    // The follower outlives renders on purpose; the job's end reaches it here.
    // eslint-disable-next-line react-hooks/immutability
    follower.jobHasEnded = jobHasEnded;
  }, [follower, jobHasEnded]);

  useEffect(() => {
    const unwatch = watchVisibility((visible) => {
      if (visible) follower.start();
      else follower.stop();
    });
    if (isVisible()) follower.start();
    return () => {
      unwatch();
      follower.stop();
    };
  }, [follower]);

  return { lines, state };
}
