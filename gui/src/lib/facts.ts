/** What a job told of where it ran. Anything may be missing: an older client says less. */

import type { Job, Value } from '@/types/api';

type Facts = Record<string, Value>;

export interface GitFacts {
  commit: string | undefined;
  branch: string | undefined;
  isDirty: boolean;
  diff: string;
  isCut: boolean;
}

/** Return the packages that the job found, by name, with their versions. */
export function packagesOf(job: Job): Record<string, string> {
  const packages = partOf(partOf(job.facts, 'interpreter'), 'packages');
  return Object.fromEntries(Object.entries(packages).map(([name, version]) => [name, textOf(version)]));
}

/** Return what is known of the interpreter and the machine, in words, in the order in which it is shown. */
export function surroundingsOf(job: Job): [string, string][] {
  const interpreter = partOf(job.facts, 'interpreter');
  const machine = partOf(job.facts, 'machine');
  const ram = machine['ram_bytes'];
  const known: [string, Value | undefined][] = [
    ['Python', interpreter['python']],
    ['Interpreter', interpreter['executable']],
    ['Platform', interpreter['platform']],
    ['Host', job.facts['host']],
    ['Processor', machine['cpu_model']],
    ['Cores', machine['cpus']],
    ['Memory', typeof ram === 'number' ? `${(ram / 1e9).toFixed(1)} GB` : undefined],
    ['GPUs', gpusOf(machine['gpus'])],
    ['GPU driver', machine['gpu_driver']],
  ];
  return known.flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [[name, textOf(value)]],
  );
}

/** Return the state of the code's repository; undefined where it was in none. */
export function gitOf(job: Job): GitFacts | undefined {
  const git = partOf(job.facts, 'git');
  if (Object.keys(git).length === 0) return undefined;
  const text = (name: string): string | undefined => {
    const value = git[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    commit: text('commit'),
    branch: text('branch'),
    isDirty: git['is_dirty'] === true,
    diff: text('diff') ?? '',
    isCut: git['diff_is_cut'] === true,
  };
}

function gpusOf(gpus: Value | undefined): string | undefined {
  if (!Array.isArray(gpus) || gpus.length === 0) return undefined;
  const names = gpus.map((gpu) => {
    if (typeof gpu !== 'object' || gpu === null || Array.isArray(gpu)) return textOf(gpu);
    return textOf(gpu['name'] ?? gpu['model'] ?? gpu);
  });
  return [...new Set(names)]
    .map((name) => {
      const count = names.filter((other) => other === name).length;
      return count > 1 ? `${count} × ${name}` : name;
    })
    .join(', ');
}

function partOf(facts: Facts | Value | undefined, name: string): Facts {
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) return {};
  const part = facts[name];
  return typeof part === 'object' && part !== null && !Array.isArray(part) ? part : {};
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
