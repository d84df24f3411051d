/** The server's events, followed for as long as the page is seen. */

import type { ServerEvent } from '@/types/api';

import { isVisible, watchVisibility } from './visibility';

/** `connecting` before the first connection, `lost` after a connection failed. */
export type FeedState = 'connecting' | 'live' | 'lost';

export interface FeedListener {
  /** The feed is open again. Events may have been missed, so whatever is shown must be read again. */
  onReturn: () => void;
  onEvent: (event: ServerEvent) => void;
  onState: (state: FeedState) => void;
}

/** Milliseconds before the first, and the longest before any further, attempt to connect again. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/** Seconds that a page may have been at work before it asks for events, and still hear all that it has missed. */
const LONGEST_AGO = 60;

/**
 * Follow the events at `url` until the returned function is called.
 *
 * A browser gives an origin six connections over HTTP/1.1, and each open feed holds one: a page in the background lets
 * go of its feed, and catches up when it is seen again. A browser's own EventSource also gives up for good when the
 * server answers with an error, as it does while it restarts; the feed does not.
 *
 * What a page reads while it opens is as old as the page at most: the first feed begins with what happened since then.
 */
export function followEvents(url: string, listener: FeedListener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT;
  let isFirst = true;

  function open(): void {
    close();
    const age = Math.ceil(performance.now() / 1000) + 1;
    const isWhole = isFirst && age <= LONGEST_AGO;
    source = new EventSource(isWhole ? `${url}?recent=${age}` : url);
    source.onopen = () => {
      wait = FIRST_WAIT;
      isFirst = false;
      listener.onState('live');
      if (!isWhole) listener.onReturn();
    };
    source.onerror = retry;
    source.onmessage = receive;
  }

  function receive(message: MessageEvent<string>): void {
    const event = parseEvent(message.data);
    if (event) listener.onEvent(event);
  }

  function retry(): void {
    close();
    listener.onState('lost');
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  function close(): void {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  }

  const unwatch = watchVisibility((visible) => {
    if (visible) open();
    else close();
  });
  if (isVisible()) open();
  return () => {
    unwatch();
    close();
  };
}

/** Return the event in a message, or undefined when it is none: what a newer server says must not break the page. */
export function parseEvent(text: string): ServerEvent | undefined {
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data !== 'object' || data === null) return undefined;
    const { kind, job_id = '', project = '', status = '' } = data as Partial<ServerEvent>;
    return typeof kind === 'string' ? { kind, job_id, project, status } : undefined;
  } catch {
    return undefined;
  }
}
