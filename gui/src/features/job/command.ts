/** The command that runs a job again. */

import type { Job, Value } from '@/types/api';

/** Options of `foundations submit` by the name of what they set in a specification. */
const OPTIONS: [string[], string][] = [
  [['entrypoint'], '--entrypoint'],
  [['resources', 'num_gpus'], '--num-gpus'],
  [['resources', 'gpu_memory'], '--gpu-memory'],
  [['resources', 'gpu_model'], '--gpu-model'],
  [['resources', 'ram'], '--ram'],
  [['resources', 'cpus'], '--cpus'],
  [['resources', 'shm'], '--shm'],
  [['image'], '--image'],
  [['network'], '--network'],
  [['priority'], '--priority'],
  [['time_limit'], '--time-limit'],
  [['retries'], '--retries'],
  [['retries', 'limit'], '--retries'],
];

/** Return the command that runs a job again from its own directory; undefined when its command is not known. */
export function commandAgain(job: Job): string | undefined {
  if (job.mode === 'execution') {
    const words = wordsOf(job.facts['argv']);
    return words.length > 0 ? ['python', ...words].map(quoted).join(' ') : undefined;
  }
  const words = wordsOf(job.spec['command']);
  if (words.length === 0) return undefined;
  const options = OPTIONS.flatMap(([place, option]) => {
    const value = valueAt(job.spec, place);
    return value === null || value === 0 || typeof value === 'object' ? [] : [option, String(value)];
  });
  return ['foundations', 'submit', '--project-name', job.project, ...options, 'scheduler', '.', ...words]
    .map(quoted)
    .join(' ');
}

function wordsOf(value: Value | undefined): string[] {
  return Array.isArray(value)
    ? value.map((word) => (typeof word === 'string' ? word : JSON.stringify(word)))
    : [];
}

function valueAt(spec: Record<string, Value> | null, place: string[]): Value {
  return place.reduce<Value>(
    (value, name) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? (value[name] ?? null) : null,
    spec,
  );
}

/** Return a word as a shell takes it for one word. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
