import { useMemo } from 'react';

import { LineSwatch } from '@/components/curves/LineSwatch';
import { JobLink } from '@/components/JobLink';
import { Section } from '@/components/Section';
import { lookOf } from '@/lib/lineLooks';
import type { Job } from '@/types/api';

import classes from './ComparedTable.module.css';
import { comparePackages, compareSurroundings, type ComparedFact } from './environment';
import { useCompareSearch } from './useCompareSearch';

/** Where the jobs ran, and with which packages: what differs, and the rest when it is asked for. */
export function EnvironmentSections({ jobs }: { jobs: Job[] }) {
  const surroundings = useMemo(() => compareSurroundings(jobs), [jobs]);
  const packages = useMemo(() => comparePackages(jobs), [jobs]);
  return (
    <>
      <FactSection
        title="Environment"
        none="Their environments do not differ."
        jobs={jobs}
        facts={surroundings}
      />
      <FactSection title="Packages" none="Their packages do not differ." jobs={jobs} facts={packages} />
    </>
  );
}

interface FactSectionProps {
  title: string;
  /** What is said when nothing differs. */
  none: string;
  jobs: Job[];
  facts: ComparedFact[];
}

function FactSection({ title, none, jobs, facts }: FactSectionProps) {
  const [{ same = false }] = useCompareSearch();
  const shown = facts.filter(({ isSame }) => same || !isSame);
  const count = facts.filter(({ isSame }) => !isSame).length;
  return (
    <Section title={title} count={count}>
      {shown.length === 0 ? (
        <p className={classes.none}>{facts.length === 0 ? 'Nothing is known of them.' : none}</p>
      ) : (
        <div className={classes.frame} tabIndex={0} role="region" aria-label={`${title} of each job`}>
          <table className={classes.table}>
            <thead>
              <tr>
                <td />
                {jobs.map((job, index) => (
                  <th key={job.job_id} scope="col">
                    <span className={classes.job}>
                      <LineSwatch look={lookOf(index)} />
                      <JobLink project={job.project} jobId={job.job_id} />
                    </span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((fact) => (
                <FactRow key={fact.name} fact={fact} jobs={jobs} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

function FactRow({ fact: { name, values, isSame }, jobs }: { fact: ComparedFact; jobs: Job[] }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {jobs.map(({ job_id: id }, index) => (
        <td key={id} title={values[index]} data-same={isSame || undefined}>
          {values[index] ?? '–'}
        </td>
      ))}
    </tr>
  );
}
