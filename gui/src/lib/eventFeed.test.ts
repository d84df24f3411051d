import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { FakeEventSource } from '@/testing/eventSource';

import { followEvents, parseEvent, type FeedState } from './eventFeed';

let states: FeedState[];
let returns: number;
let stop: () => void;

function setVisibility(state: 'visible' | 'hidden'): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  vi.useFakeTimers();
  states = [];
  returns = 0;
  stop = follow();
});

function follow(): () => void {
  return followEvents('/events', {
    onReturn: () => {
      returns += 1;
    },
    onEvent: () => undefined,
    onState: (state) => states.push(state),
  });
}

afterEach(() => {
  stop();
  vi.useRealTimers();
});

it('comes back after the server was away, and says so', () => {
  FakeEventSource.current.onopen?.();
  FakeEventSource.current.onerror?.();
  vi.advanceTimersByTime(1000);
  FakeEventSource.current.onopen?.();
  expect(states).toEqual(['live', 'lost', 'live']);
  expect(returns).toBe(1);
});

it('begins with what happened since the page was opened, so that nothing need be read again', () => {
  expect(FakeEventSource.current.url).toMatch(/^\/events\?recent=\d+$/);
  FakeEventSource.current.onopen?.();
  expect(returns).toBe(0);
  FakeEventSource.current.onerror?.();
  vi.advanceTimersByTime(1000);
  expect(FakeEventSource.current.url).toBe('/events');
});

it('has everything read again where the page is older than what the server tells of', () => {
  stop();
  vi.advanceTimersByTime(120_000);
  stop = follow();
  expect(FakeEventSource.current.url).toBe('/events');
  FakeEventSource.current.onopen?.();
  expect(returns).toBe(1);
});

it('waits longer after each attempt that failed', () => {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    FakeEventSource.opened.at(-1)?.onerror?.();
    vi.advanceTimersByTime(2000);
  }
  expect(FakeEventSource.opened.length).toBeLessThan(10);
});

it('lets go of its connection while nobody sees the page', () => {
  const first = FakeEventSource.current;
  setVisibility('hidden');
  expect(first.isClosed).toBe(true);
  setVisibility('visible');
  expect(FakeEventSource.current).not.toBe(first);
});

it('takes no text for an event that is none', () => {
  expect(parseEvent('{"kind":"job.logged","job_id":"a","project":"p","status":"running"}')?.job_id).toBe('a');
  expect(parseEvent('null')).toBeUndefined();
  expect(parseEvent('{"other":1}')).toBeUndefined();
  expect(parseEvent('half a li')).toBeUndefined();
});
