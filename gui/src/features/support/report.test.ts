import { expect, it } from 'vitest';

import { factsOf, serviceName } from './report';

it('says of each service whether it is well, and why not', () => {
  const well = { healthy: true, problem: null, seconds: 0.01 };
  const ill = { healthy: false, problem: 'it does not answer', seconds: 2 };
  expect(factsOf({ version: '0.1.0', services: { rest_api: well, scheduler: ill } }, 'Chromium 140')).toBe(
    'Atlas 0.1.0\nrest_api: healthy\nscheduler: it does not answer\nBrowser: Chromium 140',
  );
});

it('says what it knows while the server is away', () => {
  expect(factsOf(undefined, 'Chromium 140')).toBe('Atlas of unknown version\nBrowser: Chromium 140');
});

it('calls a service that it does not know by its own name', () => {
  expect(serviceName('rest_api')).toBe('REST API');
  expect(serviceName('constructor')).toBe('constructor');
});
