import { expect, it } from 'vitest';

import { splitAtMoments } from './moments';

const NOW = Date.UTC(2026, 2, 3, 10, 0);

it('finds the moments in a sentence, in the reader’s place', () => {
  expect(splitAtMoments('It is promised a start by 14:05 UTC.', NOW)).toEqual([
    'It is promised a start by ',
    Date.UTC(2026, 2, 3, 14, 5),
    '.',
  ]);
  expect(splitAtMoments('since 28 February 2025 23:59 UTC', NOW)).toEqual([
    'since ',
    Date.UTC(2025, 1, 28, 23, 59),
  ]);
});

it('leaves a sentence without moments as it is', () => {
  expect(splitAtMoments('All 2 workers are busy.', NOW)).toEqual(['All 2 workers are busy.']);
});
