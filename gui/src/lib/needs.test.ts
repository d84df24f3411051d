import { expect, it } from 'vitest';

import { describeNeeds } from './needs';

it('says what a job needs', () => {
  const none = { num_gpus: 0, ram: null, cpus: null };
  expect(describeNeeds(none)).toBe('');
  expect(describeNeeds({ ...none, num_gpus: 1, cpus: 1, ram: 16 })).toBe('1 GPU, 1 core, 16 GB');
  expect(describeNeeds({ ...none, num_gpus: 2, gpu_model: 'A100', gpu_memory: 40 })).toBe(
    '2 × A100 of 40 GB',
  );
  expect(describeNeeds({ ...none, num_gpus: 4, cpus: 0.5 })).toBe('4 GPUs, 0.5 cores');
});
