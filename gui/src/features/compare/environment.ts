/** What differs between where jobs ran. */

import { gitOf, packagesOf, surroundingsOf } from '@/lib/facts';
import { fullValue } from '@/lib/values';
import type { Job } from '@/types/api';

/** A fact with its value in each job, in the order of the jobs. */
export interface ComparedFact {
  name: string;
  values: (string | undefined)[];
  isSame: boolean;
}

/** Return what is known of machine, interpreter, container and repository; what differs comes first. */
export function compareSurroundings(jobs: Job[]): ComparedFact[] {
  return compared(
    jobs.map((job) => {
      const git = gitOf(job);
      const image = job.spec['image'];
      return Object.fromEntries([
        ...surroundingsOf(job),
        ...(typeof image === 'string' ? [['Image', image]] : []),
        ...(git?.commit ? [['Commit', git.commit.slice(0, 10) + (git.isDirty ? ', changed' : '')]] : []),
        ...variablesOf(job),
      ]) as Record<string, string>;
    }),
  );
}

/** Return every package of any of the jobs; those that differ come first. */
export function comparePackages(jobs: Job[]): ComparedFact[] {
  return compared(jobs.map(packagesOf));
}

function variablesOf({ spec }: Job): [string, string][] {
  const environment = spec['environment'];
  if (typeof environment !== 'object' || environment === null || Array.isArray(environment)) return [];
  return Object.entries(environment).map(([name, value]) => [`$${name}`, fullValue(value)]);
}

function compared(all: Record<string, string>[]): ComparedFact[] {
  const names = [...new Set(all.flatMap((facts) => Object.keys(facts)))];
  const facts = names.map((name) => {
    const values = all.map((each) => each[name]);
    return { name, values, isSame: new Set(values).size === 1 };
  });
  return [...facts.filter(({ isSame }) => !isSame), ...facts.filter(({ isSame }) => isSame)];
}
