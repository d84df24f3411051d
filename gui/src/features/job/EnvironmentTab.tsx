import { useMemo, useState } from 'react';

import { SearchField } from '@/components/SearchField';
import { Section } from '@/components/Section';
import { packagesOf, surroundingsOf } from '@/lib/facts';
import type { Job, Value } from '@/types/api';

import classes from './EnvironmentTab.module.css';
import { NamedValues } from './NamedValues';

/** What the job ran on and with: the machine, the interpreter, its variables and its packages. */
export function EnvironmentTab({ job }: { job: Job }) {
  const surroundings = useMemo(() => surroundingsOf(job), [job]);
  const variables = variablesOf(job);
  return (
    <div className={classes.columns}>
      <div className={classes.left}>
        <Section title="Machine and interpreter">
          <NamedValues
            values={surroundings}
            empty="Nothing was told of it. A job tells it when it imports foundations."
          />
        </Section>
        <Section title="Container">
          <NamedValues values={containerOf(job)} empty="No image, network or volumes were asked for." />
        </Section>
        <Section title="Variables" count={variables.length}>
          <NamedValues values={variables} empty="None were given with the job." />
        </Section>
      </div>
      <Packages job={job} />
    </div>
  );
}

function Packages({ job }: { job: Job }) {
  const [words, setWords] = useState('');
  const packages = useMemo(() => Object.entries(packagesOf(job)), [job]);
  const found = packages.filter(([name]) => name.includes(words.trim().toLowerCase()));
  return (
    <Section
      title="Packages"
      count={packages.length}
      controls={
        packages.length > 0 && <SearchField label="Find a package" value={words} onChange={setWords} />
      }
    >
      <NamedValues
        values={found}
        empty={packages.length === 0 ? 'None are known.' : 'No package is called so.'}
      />
    </Section>
  );
}

function containerOf({ spec }: Job): [string, Value][] {
  const known: [string, Value | undefined][] = [
    ['Image', spec['image']],
    ['Network', spec['network']],
    ['Volumes', spec['volumes']],
  ];
  return known.flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, value]]));
}

function variablesOf({ spec }: Job): [string, Value][] {
  const environment = spec['environment'];
  return typeof environment === 'object' && environment !== null && !Array.isArray(environment)
    ? Object.entries(environment)
    : [];
}
