/** Moments in the scheduler's sentences, which are written in UTC: `14:05 UTC`, `3 March 14:05 UTC`, with a year in between. */

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const MOMENT = /(?:(\d{1,2}) ([A-Z][a-z]+) (?:(\d{4}) )?)?(\d{2}):(\d{2}) UTC/g;

/** Return a sentence as its words, and in their place the moments in it, in milliseconds since the epoch. */
export function splitAtMoments(text: string, now: number): (string | number)[] {
  const parts: (string | number)[] = [];
  let from = 0;
  for (const match of text.matchAll(MOMENT)) {
    const moment = momentOf(match, new Date(now));
    if (moment === undefined) continue;
    parts.push(text.slice(from, match.index), moment);
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)].filter((part) => part !== '');
}

/** What is not said is as it is now, in UTC. */
function momentOf(
  [, day, month, year, hour, minute]: RegExpMatchArray | string[],
  now: Date,
): number | undefined {
  const place = month === undefined ? now.getUTCMonth() : MONTHS.indexOf(month);
  if (place < 0) return undefined;
  const date = day === undefined ? now.getUTCDate() : Number(day);
  return Date.UTC(Number(year ?? now.getUTCFullYear()), place, date, Number(hour), Number(minute));
}
