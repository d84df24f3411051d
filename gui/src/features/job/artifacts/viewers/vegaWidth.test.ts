import { expect, it } from 'vitest';

import { asWide } from './vegaWidth';

it('gives a figure without a width of its own the room that there is', () => {
  expect(asWide({ mark: 'bar' }, 500)).toMatchObject({ mark: 'bar', width: 500 });
  expect(asWide({ mark: 'bar' }, 5000)).toMatchObject({ width: 720 });
});

it('leaves a figure as wide as it says', () => {
  expect(asWide({ width: 90 }, 500)).toEqual({ width: 90 });
  expect(asWide({ signals: [{ name: 'width', value: 90 }] }, 500)).not.toHaveProperty('width');
  expect(asWide({ config: { view: { continuousWidth: 300 } } }, 500)).not.toHaveProperty('width');
});

it('leaves figures that are made of several', () => {
  expect(asWide({ hconcat: [] }, 500)).not.toHaveProperty('width');
  expect(asWide({ encoding: { column: { field: 'c' } } }, 500)).not.toHaveProperty('width');
});
