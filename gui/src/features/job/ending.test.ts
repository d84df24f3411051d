import { describe, expect, it } from 'vitest';

import { job } from '@/testing/fixtures';

import { describeState, placeOf, sourceOf } from './ending';

describe('describeState', () => {
  it('says how long a job took that ended well', () => {
    expect(describeState(job({ duration: 62 }))).toBe('It ended well after 1m 2s.');
    expect(describeState(job({ duration: null }))).toBe('It ended well.');
  });

  it('names the exception that ended the script', () => {
    const error = { type: 'ValueError', message: 'no such column' };
    expect(describeState(job({ status: 'failed', cause: 'user_code', error }))).toBe(
      'The script raised ValueError: no such column',
    );
  });

  it('names the cause even when an exception came before it', () => {
    const error = { type: 'KeyboardInterrupt', message: '' };
    expect(describeState(job({ status: 'failed', cause: 'stopped_by_user', exit_code: null, error }))).toBe(
      'Somebody stopped it.',
    );
  });

  it('adds what is known beyond the cause', () => {
    expect(describeState(job({ status: 'failed', cause: 'exit_code', exit_code: 3 }))).toBe(
      'The command ended with an error. Its exit code was 3.',
    );
    expect(
      describeState(job({ status: 'failed', cause: 'timeout', cause_detail: 'The limit was 60 s.' })),
    ).toBe('It took longer than its time limit. The limit was 60 s.');
  });

  it('says so when nothing is known', () => {
    expect(describeState(job({ status: 'failed', exit_code: null }))).toBe(
      'It failed, and no reason was recorded.',
    );
  });
});

it('names a place in the user’s own project, wherever the job was unpacked', () => {
  expect(placeOf('/srv/work_dir/a1/job_source/src/main.py, line 3, in train')).toBe(
    'src/main.py, line 3, in train',
  );
  expect(placeOf('/home/ada/main.py, line 3, in train')).toBe('/home/ada/main.py, line 3, in train');
});

it('finds the line of the project at which an exception was raised', () => {
  const place = '/tmp/work/3f3e/job_source/lib/helper.py, line 4, in f';
  expect(sourceOf(place)).toEqual({ file: 'lib/helper.py', line: 4 });
  expect(sourceOf('/usr/lib/python3.11/json/decoder.py, line 355, in raw_decode')).toBeUndefined();
  expect(sourceOf('somewhere')).toBeUndefined();
});
