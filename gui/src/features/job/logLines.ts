/** The lines of a log that still grows. */

import { plainText, toSpans, type Span } from './ansi';

/** Lines, and letters, kept in memory; a longer log loses its oldest here, and is whole when downloaded. */
const LIMIT = 1_050_000;
const LETTERS = 150_000_000;
/** The part of them that is left when they are too many: more is dropped at once, so that dropping costs little. */
const KEPT = 0.9;

/** Collects text into lines, and tells who listens at most once a frame. */
export class LogLines {
  /** Lines that were left out at the beginning. */
  dropped = 0;
  /** Characters of the longest line that was ever here. */
  width = 0;

  private readonly limit: number;
  private readonly letters: number;
  /** Letters of the lines that are here. */
  private size = 0;
  /** Whether it is known of any line when it arrived. */
  hasTimes = false;

  private lines: string[] = [];
  private times: (number | undefined)[] = [];
  private rest = '';
  /** What follows it and is not in the log yet. */
  private ahead = '';
  private version = 0;
  private isAnnounced = false;
  private readonly listeners = new Set<() => void>();

  constructor(limit = LIMIT, letters = LETTERS) {
    this.limit = limit;
    this.letters = letters;
  }

  /** Lines from the log's first on that are finished: they cannot change any more. */
  get finished(): number {
    return this.dropped + this.lines.length;
  }

  /** Lines so far; the last may not be finished yet. */
  get count(): number {
    return this.lines.length + (this.last === '' ? 0 : 1);
  }

  /** The last line as a reader sees it while it is not finished; undefined when it is. */
  get open(): string | undefined {
    return this.last === '' ? undefined : plainText(this.last);
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
    const parts = (this.rest + text).split('\n');
    this.rest = parts.pop() ?? '';
    for (const part of parts) {
      this.lines.push(part);
      this.times.push(at);
      this.width = Math.max(this.width, part.length);
      this.size += part.length;
    }
    this.hasTimes ||= at !== undefined && parts.length > 0;
    // A progress bar redraws its line without ever ending it: only what is drawn last is worth keeping.
    const redrawn = this.rest.lastIndexOf('\r', this.rest.length - 2);
    if (redrawn >= 0) this.rest = this.rest.slice(redrawn + 1);
    this.width = Math.max(this.width, this.rest.length);
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
    return this.rest + this.ahead;
  }

  private shorten(): void {
    if (this.lines.length <= this.limit && this.size <= this.letters) return;
    const [most, letters] = [this.limit * KEPT, this.letters * KEPT];
    let excess = 0;
    for (const { length } of this.lines) {
      if (this.lines.length - excess <= most && this.size <= letters) break;
      this.size -= length;
      excess += 1;
    }
    this.lines = this.lines.slice(excess);
    this.times = this.times.slice(excess);
    this.dropped += excess;
  }

  /** Tell the listeners with the next frame. */
  announce(): void {
    if (this.isAnnounced) return;
    this.isAnnounced = true;
    requestAnimationFrame(() => {
      this.isAnnounced = false;
      this.version += 1;
      for (const listener of this.listeners) listener();
    });
  }
}
