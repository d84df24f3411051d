import type { FeedState } from '@/lib/eventFeed';

import classes from './ConnectionMark.module.css';
import { useFeedState } from './LiveUpdates';

const WORDS: Record<FeedState, [string, string]> = {
  connecting: ['Connecting', 'Connecting to the server'],
  live: ['Live', 'Connected: what you see is up to date'],
  lost: ['Reconnecting', 'The connection is lost; what you see may be old. Trying again.'],
};

/** A quiet sign of whether the page follows the server. */
export function ConnectionMark() {
  const state = useFeedState();
  const [word, sentence] = WORDS[state];
  return (
    <span className={classes.mark} data-state={state} role="status" title={sentence}>
      {word}
    </span>
  );
}
