import { expect, it } from 'vitest';

import { describeSchedule } from './wording';

it.each([
  [{ minute: '*/5', hour: '*', second: '0' }, 'Every 5 minutes'],
  [{ minute: '*/1', hour: '*' }, 'Every minute'],
  [{ minute: '30', hour: '6' }, 'Every day at 06:30'],
  [{ minute: '0', hour: '6,18' }, 'Every day at 06:00 and 18:00'],
  [{ minute: '0', hour: '*' }, 'Every hour at :00'],
  [{ minute: '5', hour: '*/4' }, 'Every 4 hours at :05'],
  [{ minute: '5', hour: '*/4', day: 'last' }, 'Every 4 hours at :05, on the last day of each month'],
  [{ minute: '0', hour: '0', day: '1,22' }, 'On the 1st and 22nd of each month at 00:00'],
  [{ minute: '*', hour: '*', second: '*/30' }, 'Every 30 seconds'],
])('says when a schedule fires: %o', (fields, words) => {
  expect(describeSchedule(fields)).toBe(words);
});

it('counts days of the week from Monday, as the server does', () => {
  const at = { minute: '30', hour: '2' };
  expect(describeSchedule({ ...at, day_of_week: 'mon' })).toBe('Mondays at 02:30');
  expect(describeSchedule({ ...at, day_of_week: '6' })).toBe('Sundays at 02:30');
  expect(describeSchedule({ ...at, day_of_week: 'mon-fri' })).toBe('Mondays to Fridays at 02:30');
  expect(describeSchedule({ ...at, day_of_week: '0,2' })).toBe('Mondays and Wednesdays at 02:30');
  expect(describeSchedule({ ...at, day_of_week: '1-5', month: '3' })).toBe('30 2 * 3 tue-sat');
});

it('names the fields of what no line of cron can say', () => {
  const fields = { year: '2030', month: '1', day: '1', hour: '0', minute: '0', second: '0' };
  expect(describeSchedule(fields)).toBe('year 2030, month 1, day 1, hour 0, minute 0, second 0');
  expect(describeSchedule({ minute: '*', hour: '6', second: '15' })).toBe('hour 6, second 15');
});
