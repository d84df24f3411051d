/** One clock for all that ticks on the page. */

import { useSyncExternalStore } from 'react';

type Listener = () => void;

/** Tells its listeners the time at a fixed pace, and rests while nobody listens. */
class Clock {
  private readonly interval: number;
  private readonly listeners = new Set<Listener>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private now = Date.now();

  constructor(interval: number) {
    this.interval = interval;
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    if (this.timer === undefined) {
      this.now = Date.now();
      this.timer = setInterval(this.tick, this.interval);
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  };

  readonly read = (): number => this.now;

  private readonly tick = (): void => {
    this.now = Date.now();
    for (const listener of this.listeners) listener();
  };
}

const seconds = new Clock(1000);
const minutes = new Clock(30_000);

/** Return the time, to the second; the component renders again each second. */
export function useSeconds(): number {
  return useSyncExternalStore(seconds.subscribe, seconds.read);
}

/** Return the time, good enough for "5 minutes ago". */
export function useMinutes(): number {
  return useSyncExternalStore(minutes.subscribe, minutes.read);
}
