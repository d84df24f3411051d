import { expect, it } from 'vitest';

import { keysTouchedBy } from './LiveUpdates';

const event = { job_id: 'a1', project: 'digits', status: 'running' };

it('reads a job and its project’s table again when the job logged something, and nothing else', () => {
  expect(keysTouchedBy({ ...event, kind: 'job.logged' })).toEqual([
    ['jobs', 'a1'],
    ['project_jobs', 'digits'],
    ['searches', 'digits'],
  ]);
});

it('counts the jobs of the projects again when a job changes its state', () => {
  expect(keysTouchedBy({ ...event, kind: 'job.completed' })).toContainEqual(['projects']);
});

it('reads every table again when a job moved, since it is gone from one that is not named', () => {
  expect(keysTouchedBy({ ...event, kind: 'job.moved' })).toContainEqual(['project_jobs']);
});
