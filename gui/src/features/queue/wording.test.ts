import { expect, it } from 'vitest';

import { describeSchedule } from './wording';

it('says when a schedule fires', () => {
  expect(describeSchedule({ minute: '*/5', hour: '*', second: '0' })).toBe('Every 5 minutes');
  expect(describeSchedule({ minute: '*/1', hour: '*' })).toBe('Every minute');
  expect(describeSchedule({ minute: '30', hour: '6' })).toBe('Every day at 06:30');
  expect(describeSchedule({ minute: '0', hour: '6', day_of_week: 'mon' })).toBe('Mondays at 06:00');
  expect(describeSchedule({ minute: '0', hour: '6', day_of_week: '6' })).toBe('Sundays at 06:00');
  expect(describeSchedule({ minute: '0', hour: '*' })).toBe('Every hour at :00');
  expect(describeSchedule({ minute: '0', hour: '6', day: '1' })).toBe('0 6 1 * *');
});
