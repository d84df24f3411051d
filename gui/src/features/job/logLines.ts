/** The lines of a log that still grows. */

import { plainText, toSpans, type Span } from './ansi';

/** Lines kept in memory; a longer log loses its oldest here, and is whole when downloaded. */
const LIMIT = 200_000;
/** How many are dropped at once, so that dropping costs little. */
const BATCH = 20_000;

/** Collects text into lines, and tells who listens at most once a frame. */
export class LogLines {
  /** Lines that were left out at the beginning. */
  dropped = 0;
  /** Characters of the longest line that was ever here. */
  width = 0;

  private readonly limit: number;
  /** Whether it is known of any line when it arrived. */
  hasTimes = false;

  private lines: string[] = [];
  private times: (number | undefined)[] = [];
  private open = '';
  /** What follows it and is not in the log yet. */
  private ahead = '';
  private version = 0;
  private isAnnounced = false;
  private readonly listeners = new Set<() => void>();

  constructor(limit = LIMIT) {
    this.limit = limit;
  }

  /** Lines so far; the last may not be finished yet. */
  get count(): number {
    return this.lines.length + (this.last === '' ? 0 : 1);
  }

  /** Return a line as a reader sees it: without codes for terminals, and as its last carriage return left it. */
  line(index: number): string {
    return plainText(this.lines[index] ?? this.last);
  }

  /** Return a line with the looks that its program gave it. */
  spans(index: number): Span[] {
    return toSpans(this.lines[index] ?? this.last);
  }

  /** Return when a line was finished, as far as somebody saw it arrive, in milliseconds since the epoch. */
  time(index: number): number | undefined {
    return this.times[index];
  }

  /** Add text that arrived at a moment, or that was there before anybody looked. */
  push(text: string, at?: number): void {
    const parts = (this.open + text).split('\n');
    this.open = parts.pop() ?? '';
    for (const part of parts) {
      this.lines.push(part);
      this.times.push(at);
      this.width = Math.max(this.width, part.length);
    }
    this.hasTimes ||= at !== undefined && parts.length > 0;
    // A progress bar redraws its line without ever ending it: only what is drawn last is worth keeping.
    const redrawn = this.open.lastIndexOf('\r', this.open.length - 2);
    if (redrawn >= 0) this.open = this.open.slice(redrawn + 1);
    this.width = Math.max(this.width, this.open.length);
    this.shorten();
    this.announce();
  }

  /** Show what the job has written behind the log so far, in the place of what was shown there before. */
  showUnfinished(text: string): void {
    if (text === this.ahead) return;
    this.ahead = text;
    this.width = Math.max(this.width, this.last.length);
    this.announce();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** A number that is another one after each change. */
  readonly read = (): number => this.version;

  /** The line that is not finished. */
  private get last(): string {
    return this.open + this.ahead;
  }

  private shorten(): void {
    if (this.lines.length <= this.limit) return;
    const excess = Math.max(this.lines.length - this.limit, Math.min(BATCH, this.limit / 2));
    this.lines = this.lines.slice(excess);
    this.times = this.times.slice(excess);
    this.dropped += excess;
  }

  private announce(): void {
    if (this.isAnnounced) return;
    this.isAnnounced = true;
    requestAnimationFrame(() => {
      this.isAnnounced = false;
      this.version += 1;
      for (const listener of this.listeners) listener();
    });
  }
}
