/** Moments, in the reader's own zone. A moment is a number of milliseconds since the epoch. */

const timeOnly = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const dayAndYear = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
// Stands in English sentences, whatever the reader's own language.
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** Return the moment of the server's ISO text, which is in UTC but does not say so. */
export function parseUtc(text: string | null): number | undefined {
  if (!text) return undefined;
  const moment = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(moment) ? undefined : moment;
}

/**
 * How a moment is said: `second` with its seconds; `sentence` so that it stands within one, "until 14:05"; `latest` as
 * that and the minute by whose beginning the moment has passed.
 */
export type MomentStyle = 'when' | 'second' | 'sentence' | 'latest';

/** Return a moment as briefly as it stays clear: today's as a time, this year's without the year. */
export function formatMoment(moment: number, now: number, style: MomentStyle = 'when'): string {
  const date = new Date(style === 'latest' ? Math.ceil(moment / 60_000) * 60_000 : moment);
  const today = new Date(now);
  const time = (style === 'second' ? clock : timeOnly).format(date);
  if (date.toDateString() === today.toDateString()) {
    return style === 'sentence' || style === 'latest' ? time : `Today, ${time}`;
  }
  const format = date.getFullYear() === today.getFullYear() ? day : dayAndYear;
  return `${format.format(date)}, ${time}`;
}

/** Return a moment with its date, seconds and zone. */
export function formatFullMoment(moment: number): string {
  return full.format(new Date(moment));
}

/** Return how long ago a moment was, in its largest unit. */
export function formatAgo(moment: number, now: number): string {
  const seconds = Math.max(0, (now - moment) / 1000);
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return relative.format(-Math.max(1, Math.round(seconds / 60)), 'minute');
  if (seconds < 86400) return relative.format(-Math.round(seconds / 3600), 'hour');
  if (seconds < 30 * 86400) return relative.format(-Math.round(seconds / 86400), 'day');
  if (seconds < 365 * 86400) return relative.format(-Math.round(seconds / (30 * 86400)), 'month');
  return relative.format(-Math.round(seconds / (365 * 86400)), 'year');
}

/** Return the time of day of a moment, to the second. */
export function formatClock(moment: number): string {
  return clock.format(new Date(moment));
}
