import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';

import { SearchField } from '@/components/SearchField';
import { Section } from '@/components/Section';
import { shortId } from '@/lib/jobId';
import { usePrinting } from '@/lib/printing';
import { formatCount, ownValue } from '@/lib/values';
import type { Job, JobSummary, Value } from '@/types/api';

import { jobBeforeQuery } from './api/getJobBefore';
import { NamedValues } from './NamedValues';
import classes from './ParameterSection.module.css';

/** Parameters that are shown before the reader asks for all. */
const FIRST = 16;

/** What the job was given, and what of it the job before it was not. */
export function ParameterSection({ job }: { job: Job }) {
  const all = useMemo(() => Object.entries(job.parameters), [job]);
  const { data: before } = useQuery({
    ...jobBeforeQuery(job.project, job.job_id),
    enabled: all.length > 0,
  });
  const changed = useMemo(() => (before ? changedSince(all, before) : undefined), [all, before]);
  const [words, setWords] = useState('');
  const [isWhole, setIsWhole] = useState(false);
  const isPrinting = usePrinting();
  const found = all.filter(([name]) => name.toLowerCase().includes(words.trim().toLowerCase()));
  // What is different comes first where not all is shown: it is what one looks for.
  const sorted = changed && all.length > FIRST ? [...found].sort(changedFirst(changed)) : found;
  const shown = isWhole || isPrinting || words !== '' ? sorted : sorted.slice(0, FIRST);
  return (
    <Section title="Parameters" count={all.length}>
      {before && changed && <Difference job={job} before={before} count={changed.size} />}
      {all.length > FIRST && (
        <div className={classes.find}>
          <SearchField label="Find a parameter" hasKey={false} value={words} onChange={setWords} />
        </div>
      )}
      <NamedValues
        values={shown}
        changed={changed}
        // Where all are unlike, none stands out.
        marks={changed !== undefined && changed.size < all.length}
        empty={all.length === 0 ? 'None were logged.' : 'No parameter is called so.'}
      />
      {shown.length < found.length && (
        <button
          type="button"
          className={classes.more}
          onClick={() => {
            setIsWhole(true);
          }}
        >
          Show all {formatCount(found.length)}
        </button>
      )}
    </Section>
  );
}

function Difference({ job, before, count }: { job: Job; before: JobSummary; count: number }) {
  const { project, job_id: jobId } = job;
  return (
    <p className={classes.difference}>
      {count === 0 ? 'The same as' : `${formatCount(count)} unlike`} the job before,{' '}
      <Link
        to="/projects/$project/compare"
        params={{ project }}
        search={{ jobs: `${before.job_id},${jobId}` }}
        title="Compare both"
      >
        {shortId(before.job_id)}
      </Link>
    </p>
  );
}

/**
 * Return the parameters that the job before had with another value, or, as undefined, not at all. There is nothing to
 * say of two jobs that have no name in common.
 */
function changedSince(
  all: [string, Value][],
  { parameters }: JobSummary,
): ReadonlyMap<string, Value | undefined> | undefined {
  if (!all.some(([name]) => ownValue(parameters, name) !== undefined)) return undefined;
  return new Map(
    all.flatMap(([name, value]) => {
      const other = ownValue(parameters, name);
      return JSON.stringify(other) === JSON.stringify(value) ? [] : [[name, other]];
    }),
  );
}

function changedFirst(changed: ReadonlyMap<string, unknown>) {
  return ([left]: [string, Value], [right]: [string, Value]): number =>
    Number(changed.has(right)) - Number(changed.has(left));
}
