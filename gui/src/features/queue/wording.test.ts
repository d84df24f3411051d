import { expect, it } from 'vitest';

import { describeNeeds, describeSchedule } from './wording';

it('says what a job needs', () => {
  const none = { num_gpus: 0, ram: null, cpus: null };
  expect(describeNeeds(none)).toBe('');
  expect(describeNeeds({ ...none, num_gpus: 1, cpus: 1, ram: 16 })).toBe('1 GPU, 1 core, 16 GB');
  expect(describeNeeds({ ...none, num_gpus: 2, gpu_model: 'A100', gpu_memory: 40 })).toBe(
    '2 × A100 of 40 GB',
  );
  expect(describeNeeds({ ...none, num_gpus: 4, cpus: 0.5 })).toBe('4 GPUs, 0.5 cores');
});

it('says when a schedule fires', () => {
  expect(describeSchedule({ minute: '*/5', hour: '*', second: '0' })).toBe('Every 5 minutes');
  expect(describeSchedule({ minute: '30', hour: '6' })).toBe('Every day at 06:30');
  expect(describeSchedule({ minute: '0', hour: '6', day_of_week: 'mon' })).toBe('Mondays at 06:00');
  expect(describeSchedule({ minute: '0', hour: '6', day_of_week: '6' })).toBe('Sundays at 06:00');
  expect(describeSchedule({ minute: '0', hour: '*' })).toBe('Every hour at :00');
  expect(describeSchedule({ minute: '0', hour: '6', day: '1' })).toBe('0 6 1 * *');
});
