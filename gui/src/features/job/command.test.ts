import { expect, it } from 'vitest';

import { job } from '@/testing/fixtures';

import { commandAgain, quoted } from './command';

it('submits again what was submitted', () => {
  const spec = {
    command: ['main.py', '--note', 'two words'],
    resources: { num_gpus: 2, ram: null, cpus: 0.5 },
    time_limit: 3600,
    priority: 0,
  };
  expect(commandAgain(job({ project: 'my digits', spec }))).toBe(
    "foundations submit --project-name 'my digits' --num-gpus 2 --cpus 0.5 --time-limit 3600 scheduler . main.py --note 'two words'",
  );
});

it('starts again what was started by hand', () => {
  expect(commandAgain(job({ mode: 'execution', facts: { argv: ['train.py', '--fast'] } }))).toBe(
    'python train.py --fast',
  );
});

it('says nothing where nothing is known', () => {
  expect(commandAgain(job())).toBeUndefined();
  expect(commandAgain(job({ mode: 'execution' }))).toBeUndefined();
});

it('quotes for a shell', () => {
  expect(quoted('a=b/c.py')).toBe('a=b/c.py');
  expect(quoted("it's $HOME")).toBe("'it'\\''s $HOME'");
});
