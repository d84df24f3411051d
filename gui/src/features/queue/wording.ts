/** When a schedule fires, in words. */

type Fields = Record<string, string | null>;

const NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
/** The fields of a line of cron. */
const CRON = ['minute', 'hour', 'day', 'month', 'day_of_week'];
const ALL = ['year', 'week', 'day_of_week', 'month', 'day', 'hour', 'minute', 'second'];

/**
 * Return when a schedule fires: in words if they are few, or else as its five fields of cron, with days of the week by
 * their names since the numbers of the server begin on another day than those of cron; or else by the name of each
 * field that says something.
 */
export function describeSchedule(fields: Fields): string {
  const known = (name: string): string => fields[name] ?? (name === 'second' ? '0' : '*');
  const isPlain = ['year', 'week', 'month'].every((name) => known(name) === '*');
  const words = isPlain && (everySeconds(known) ?? (known('second') === '0' && inWords(known)));
  if (words) return words;
  const isCron = known('second') === '0' && known('year') === '*' && known('week') === '*';
  if (isCron)
    return CRON.map((name) => (name === 'day_of_week' ? byName(known(name)) : known(name))).join(' ');
  const named = ALL.filter((name) => known(name) !== '*').map((name) => `${name} ${known(name)}`);
  return named.join(', ') || 'Every second';
}

/** Whether a schedule fires within the minute, so that its times are told by their seconds. */
export function firesOnSeconds(fields: Fields): boolean {
  return (fields['second'] ?? '0') !== '0';
}

function everySeconds(known: (name: string) => string): string | undefined {
  const every = /^\*\/(\d+)$/.exec(known('second'))?.[1];
  const isAlways = CRON.every((name) => known(name) === '*');
  return isAlways && every ? `Every ${every} seconds` : undefined;
}

function inWords(known: (name: string) => string): string | undefined {
  const [minute, hour] = [known('minute'), known('hour')];
  const days = daysInWords(known('day'), known('day_of_week'));
  if (days === undefined) return undefined;
  const times = timesInWords(hour, minute);
  if (times) return `${days || 'Every day'} at ${times}`;
  const often = oftenInWords(hour, minute);
  return often && (days ? `${often}, ${days.replace(/^On/, 'on')}` : often);
}

/** Return "06:30", "06:00 and 18:00"; undefined where there are many times. */
function timesInWords(hours: string, minute: string): string | undefined {
  if (!/^\d+(,\d+){0,3}$/.test(hours) || !/^\d+$/.test(minute)) return undefined;
  return listed(hours.split(',').map((hour) => `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`));
}

/** Return "Every 10 minutes", "Every 4 hours at :05". */
function oftenInWords(hour: string, minute: string): string | undefined {
  const [everyHours, everyMinutes] = [stepOf(hour), stepOf(minute)];
  if (everyMinutes !== undefined && hour === '*') {
    return everyMinutes === 1 ? 'Every minute' : `Every ${everyMinutes} minutes`;
  }
  if (everyHours === undefined || !/^\d+$/.test(minute)) return undefined;
  return `Every ${everyHours === 1 ? 'hour' : `${everyHours} hours`} at :${minute.padStart(2, '0')}`;
}

function stepOf(field: string): number | undefined {
  if (field === '*') return 1;
  const step = /^\*\/(\d+)$/.exec(field)?.[1];
  return step === undefined ? undefined : Number(step);
}

/** Return on which days: "" for every one, undefined where words would be many. */
function daysInWords(day: string, weekday: string): string | undefined {
  if (day === '*') return weekday === '*' ? '' : weekdaysInWords(weekday);
  if (weekday !== '*') return undefined;
  if (day === 'last') return 'On the last day of each month';
  if (!/^\d+(,\d+){0,3}$/.test(day)) return undefined;
  return `On the ${listed(day.split(',').map((each) => ordinal(Number(each))))} of each month`;
}

function weekdaysInWords(field: string): string | undefined {
  const parts = field.split(',').map((part) => part.split('-').map(dayOf));
  if (parts.some((part) => part.length > 2 || part.includes(undefined))) return undefined;
  return listed(parts.map((part) => part.map((day) => `${day ?? ''}s`).join(' to ')));
}

/** The server's 0 is Monday. */
function dayOf(word: string): string | undefined {
  return DAYS[/^\d$/.test(word) ? Number(word) : NAMES.indexOf(word.toLowerCase())];
}

function byName(weekdays: string): string {
  return /^[\d,-]+$/.test(weekdays) ? weekdays.replace(/\d/g, (day) => NAMES[Number(day)] ?? day) : weekdays;
}

function ordinal(day: number): string {
  const ending = day >= 11 && day <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
  return `${day}${ending}`;
}

function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
