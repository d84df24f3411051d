import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';

import { JobLink } from '@/components/JobLink';
import { Section } from '@/components/Section';
import { StatusMark } from '@/components/StatusMark';
import { formatNumber, formatValue, fullValue } from '@/lib/values';

import { useProject } from './project';
import classes from './SearchPage.module.css';
import { variedParameters, type Trial } from './trials';

/** Rows that are drawn; the table of jobs shows any number. */
const SHOWN = 200;

/** The trials, the best first. */
export function TrialTable({ ranks, metric }: { ranks: Trial[]; metric: string | undefined }) {
  const project = useProject();
  const names = useMemo(() => variedParameters(ranks.map(({ job }) => job)), [ranks]);
  const shown = ranks.slice(0, SHOWN);
  const ids = shown.slice(0, 10).map(({ job }) => job.job_id);
  return (
    <Section
      title="Trials"
      count={ranks.length}
      controls={
        ids.length > 1 && (
          <Link to="/projects/$project/compare" params={{ project }} search={{ jobs: ids.join() }}>
            Compare the best {ids.length}
          </Link>
        )
      }
    >
      <div className={classes.frame} tabIndex={0} role="region" aria-label="Trials">
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Trial</th>
              <th scope="col">Job</th>
              <th scope="col">Status</th>
              {metric !== undefined && <th scope="col">{metric}</th>}
              {names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((trial) => (
              <Row key={trial.job.job_id} trial={trial} names={names} hasMetric={metric !== undefined} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

interface RowProps {
  trial: Trial;
  names: string[];
  hasMetric: boolean;
}

function Row({ trial: { job, number, value }, names, hasMetric }: RowProps) {
  const project = useProject();
  return (
    <tr>
      <td>{number}</td>
      <th scope="row">
        <JobLink project={project} jobId={job.job_id} />
      </th>
      <td>
        <StatusMark status={job.status} />
      </td>
      {hasMetric && <td className={classes.number}>{value === undefined ? '–' : formatNumber(value)}</td>}
      {names.map((name) => (
        <td key={name} title={fullValue(job.parameters[name])}>
          {job.parameters[name] === undefined ? '–' : formatValue(job.parameters[name])}
        </td>
      ))}
    </tr>
  );
}
