/** When a schedule fires, in words. */

const DAYS: Record<string, string> = {
  mon: 'Mondays',
  tue: 'Tuesdays',
  wed: 'Wednesdays',
  thu: 'Thursdays',
  fri: 'Fridays',
  sat: 'Saturdays',
  sun: 'Sundays',
};
const WEEK = Object.values(DAYS);

/** Return when a schedule fires: in words if they are few, or else as its five fields of cron. */
export function describeSchedule(fields: Record<string, string | null>): string {
  const [minute, hour, day, month, weekday] = ['minute', 'hour', 'day', 'month', 'day_of_week'].map(
    (name) => fields[name] ?? '*',
  ) as [string, string, string, string, string];
  const plain = [fields['year'] ?? '*', fields['week'] ?? '*', month].every((field) => field === '*');
  const onTheMinute = (fields['second'] ?? '0') === '0';
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  const isTime = /^\d+$/.test(hour) && /^\d+$/.test(minute);
  if (plain && onTheMinute && day === '*') {
    const weekdays = DAYS[weekday] ?? WEEK[Number(weekday)];
    if (isTime && weekday === '*') return `Every day at ${time}`;
    if (isTime && weekdays) return `${weekdays} at ${time}`;
    const every = minute === '*' ? '1' : /^\*\/(\d+)$/.exec(minute)?.[1];
    if (weekday === '*' && hour === '*' && every === '1') return 'Every minute';
    if (weekday === '*' && hour === '*' && /^\d+$/.test(minute))
      return `Every hour at :${minute.padStart(2, '0')}`;
    if (weekday === '*' && hour === '*' && every) return `Every ${every} minutes`;
  }
  return [minute, hour, day, month, weekday].join(' ');
}
