/** What a report of a problem should say of where it was seen. */

import type { Health } from './api/getHealth';

/** Return the facts of this page and its server, a line each. */
export function factsOf(health: Health | undefined, browser: string): string {
  const services = Object.entries(health?.services ?? {}).map(([name, { healthy, problem }]) =>
    healthy ? `${name}: healthy` : `${name}: ${problem ?? 'not healthy'}`,
  );
  return [`Atlas ${health?.version ?? 'of unknown version'}`, ...services, `Browser: ${browser}`].join('\n');
}

/** Return what a service is called by people. */
export function serviceName(name: string): string {
  const words: Record<string, string> = {
    scheduler: 'Scheduler',
    rest_api: 'REST API',
    archive_server: 'Archive',
    tensorboard_api: 'TensorBoard',
  };
  return Object.hasOwn(words, name) ? (words[name] ?? name) : name;
}
