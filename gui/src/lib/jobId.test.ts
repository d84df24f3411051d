import { expect, it } from 'vitest';

import { shortId, splitAtIds } from './jobId';

const ID = '3f3eda85-1c1f-4f6e-a2b0-5d1de92b7a01';

it('shortens what a machine chose, and leaves what a person chose', () => {
  expect(shortId(ID)).toBe('3f3eda85');
  expect(shortId('nightly-2026-03-01')).toBe('nightly-2026-03-01');
});

it('finds the ids in a sentence', () => {
  expect(splitAtIds(`Kept for job ${ID}, which waits.`)).toEqual(['Kept for job ', ID, ', which waits.']);
  expect(splitAtIds('It waits.')).toEqual(['It waits.']);
});
