import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';

import { JobLink } from '@/components/JobLink';
import { PlainTable } from '@/components/PlainTable';
import { Section } from '@/components/Section';
import { StatusMark } from '@/components/StatusMark';
import { formatCount, formatNumber, formatValue, fullValue, ownValue } from '@/lib/values';

import { useProject } from './project';
import classes from './SearchPage.module.css';
import { variedParameters, type Trial } from './trials';

/** Rows that are drawn; the table of jobs shows any number. */
const SHOWN = 200;
/** So many of the best are offered to be compared. */
const COMPARED = 10;

interface TrialTableProps {
  ranks: Trial[];
  metric: string | undefined;
  /** The filter by which the table of jobs shows these trials. */
  filter: string;
}

/** The trials, the best first, with the ways to look closer. */
export function TrialTable({ ranks, metric, filter }: TrialTableProps) {
  const names = useMemo(() => variedParameters(ranks.map(({ job }) => job)), [ranks]);
  const shown = ranks.slice(0, SHOWN);
  return (
    <Section
      title="Trials"
      count={ranks.length}
      controls={<Ways ranks={ranks} filter={filter} hasMetric={metric !== undefined} />}
    >
      <PlainTable label="Trials" head={<Head metric={metric} names={names} />}>
        {shown.map((trial) => (
          <Row key={trial.job.job_id} trial={trial} names={names} hasMetric={metric !== undefined} />
        ))}
      </PlainTable>
      {shown.length < ranks.length && (
        <p className={classes.rest}>
          These are the best {SHOWN} of {formatCount(ranks.length)}. The table of jobs shows all.
        </p>
      )}
    </Section>
  );
}

interface WaysProps extends Pick<TrialTableProps, 'ranks' | 'filter'> {
  hasMetric: boolean;
}

function Ways({ ranks, filter, hasMetric }: WaysProps) {
  const project = useProject();
  const compared = ranks.filter(({ value }) => value !== undefined || !hasMetric).slice(0, COMPARED);
  const ids = compared.map(({ job }) => job.job_id);
  return (
    <span className={classes.ways}>
      {ids.length > 1 && (
        <Link to="/projects/$project/compare" params={{ project }} search={{ jobs: ids.join() }}>
          Compare the {hasMetric ? 'best' : 'first'} {ids.length}
        </Link>
      )}
      <Link to="/projects/$project/job_listing" params={{ project }} search={{ filter }}>
        Show in the table of jobs
      </Link>
    </span>
  );
}

function Head({ metric, names }: { metric: string | undefined; names: string[] }) {
  return (
    <tr>
      <th scope="col">Job</th>
      <th scope="col" data-tight>
        Trial
      </th>
      <th scope="col" data-tight>
        Status
      </th>
      {metric !== undefined && (
        <th scope="col" title={metric}>
          {metric}
        </th>
      )}
      {names.map((name) => (
        <th key={name} scope="col" title={name}>
          {name}
        </th>
      ))}
    </tr>
  );
}

interface RowProps {
  trial: Trial;
  names: string[];
  hasMetric: boolean;
}

function Row({ trial: { job, number, value, logged }, names, hasMetric }: RowProps) {
  const project = useProject();
  return (
    <tr>
      <th scope="row">
        <JobLink project={project} jobId={job.job_id} />
      </th>
      <td>{number}</td>
      <td>
        <StatusMark status={job.status} />
      </td>
      {hasMetric && (
        <td className={classes.number} data-faint={value === undefined || undefined}>
          {value === undefined ? formatValue(logged) || '–' : formatNumber(value)}
        </td>
      )}
      {names.map((name) => {
        const given = ownValue(job.parameters, name);
        return (
          <td key={name} title={fullValue(given)}>
            {given === undefined ? '–' : formatValue(given)}
          </td>
        );
      })}
    </tr>
  );
}
