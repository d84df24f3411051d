import type { QueryKey } from '@tanstack/react-query';

/** Return the beginning of the keys of all that the scheduler says. */
export function schedulerKey(): QueryKey {
  return ['scheduler'];
}
