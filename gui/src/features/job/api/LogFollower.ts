import { paths } from '@/config/paths';
import { get, RequestError } from '@/lib/request';

import { FRAMES_TYPE, LogFrames, type LogPart } from './logFrames';

/**
 * `opening`: nothing was heard yet. `following`: the log arrives as it is written. `ended`: all of it is here.
 * `missing`: there is none. `lost`: the server does not answer; trying again.
 */
export type FollowState = 'opening' | 'following' | 'ended' | 'missing' | 'lost';

/** Milliseconds before the first, and the longest before any further, attempt. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;

interface LogListener {
  /** `isNew`: it arrives as it is written, rather than having waited to be read. */
  onText: (text: string, isNew: boolean) => void;
  /** The line that the job has begun and its log has not got yet, each time that it is another; '' is none. */
  onUnfinished: (text: string) => void;
  onState: (state: FollowState) => void;
}

/** Reads a job's log while it is written. It can be stopped and started again, and goes on where it was. */
export class LogFollower {
  /** Set this when the job has ended: then what is read to its end is all there will be. */
  jobHasEnded = false;

  private readonly jobId: string;
  private readonly listener: LogListener;
  // One decoder throughout: a character may be cut in two by the end of a response.
  private readonly decoder = new TextDecoder();
  private offset = 0;
  private isComplete = false;
  private stopper: AbortController | undefined;

  constructor(jobId: string, listener: LogListener) {
    this.jobId = jobId;
    this.listener = listener;
  }

  start(): void {
    if (this.stopper || this.isComplete) return;
    this.stopper = new AbortController();
    void this.follow(this.stopper.signal);
  }

  stop(): void {
    this.stopper?.abort();
    this.stopper = undefined;
  }

  private async follow(signal: AbortSignal): Promise<void> {
    let wait = FIRST_WAIT;
    let hasCaughtUp = false;
    while (!signal.aborted) {
      const isLast = this.jobHasEnded;
      const outcome = await this.readOn(hasCaughtUp, signal).catch((error: unknown) =>
        problemOf(error, signal),
      );
      if (outcome === 'stopped') return;
      if (isLast && outcome !== 'lost') {
        this.finish(outcome === 'read' ? 'ended' : 'missing');
        return;
      }
      if (outcome === 'lost') this.lose();
      if (outcome === 'read' && !hasCaughtUp) {
        hasCaughtUp = true;
        continue;
      }
      wait = outcome === 'read' ? FIRST_WAIT : Math.min(wait * 2, LONGEST_WAIT);
      await pause(wait, signal);
    }
  }

  /** Read what is there, and with `follows`, what is written from then on. */
  private async readOn(follows: boolean, signal: AbortSignal): Promise<Outcome> {
    const accepted = follows ? { Accept: `${FRAMES_TYPE}, text/plain;q=0.5` } : {};
    const response = await get(paths.logFrom(this.jobId, this.offset, follows), signal, accepted);
    this.listener.onState('following');
    const reader = response.body?.getReader();
    const frames = response.headers.get('Content-Type') === FRAMES_TYPE ? new LogFrames() : undefined;
    for (;;) {
      const part = await reader?.read();
      if (signal.aborted) return 'stopped';
      if (!part || part.done) return 'read';
      const parts = frames?.add(part.value) ?? [{ isUnfinished: false, bytes: part.value }];
      for (const each of parts) this.tell(each, follows);
    }
  }

  private tell({ isUnfinished, bytes }: LogPart, isNew: boolean): void {
    // What is cut within a character tells it next time: a decoder of its own leaves it out.
    this.listener.onUnfinished(isUnfinished ? new TextDecoder().decode(bytes, { stream: true }) : '');
    if (isUnfinished) return;
    this.offset += bytes.byteLength;
    this.listener.onText(this.decoder.decode(bytes, { stream: true }), isNew);
  }

  private lose(): void {
    this.listener.onUnfinished('');
    this.listener.onState('lost');
  }

  private finish(state: FollowState): void {
    this.isComplete = true;
    this.listener.onUnfinished('');
    this.listener.onState(state);
  }
}

/** What became of one attempt to read on. */
type Outcome = 'read' | 'stopped' | 'missing' | 'lost';

function problemOf(error: unknown, signal: AbortSignal): Outcome {
  if (signal.aborted) return 'stopped';
  return error instanceof RequestError && error.isMissing ? 'missing' : 'lost';
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
