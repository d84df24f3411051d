import { CloseButton } from '@mantine/core';
import { useMemo } from 'react';

import { LineSwatch } from '@/components/curves/LineSwatch';
import { JobLink } from '@/components/JobLink';
import { PlainTable } from '@/components/PlainTable';
import { Section } from '@/components/Section';
import { StatusMark } from '@/components/StatusMark';
import { shortId } from '@/lib/jobId';
import { lookOf } from '@/lib/lineLooks';
import { formatValue, fullValue } from '@/lib/values';
import type { Job } from '@/types/api';

import classes from './ComparedTable.module.css';
import { compareParameters, type ComparedParameter } from './differences';
import { useCompareSearch } from './useCompareSearch';

interface ComparedTableProps {
  jobs: Job[];
  onRemove: (jobId: string) => void;
}

/** A row for each job, with how its lines are drawn and the parameters that tell it from the others. */
export function ComparedTable({ jobs, onRemove }: ComparedTableProps) {
  const [{ same: showsAll = false }, change] = useCompareSearch();
  const parameters = useMemo(() => compareParameters(jobs), [jobs]);
  const shown = parameters.filter(({ isSame }) => showsAll || !isSame);
  const same = parameters.filter(({ isSame }) => isSame).length;
  return (
    <Section
      title="Parameters"
      controls={
        same > 0 && (
          <label className={classes.toggle}>
            <input
              type="checkbox"
              checked={showsAll}
              onChange={(event) => {
                change({ same: event.currentTarget.checked });
              }}
            />
            Show the {same} that {same === 1 ? 'is' : 'are'} the same too
          </label>
        )
      }
    >
      <PlainTable label="Parameters of each job" head={<ComparedHead parameters={shown} />}>
        {jobs.map((job, index) => (
          <ComparedRow key={job.job_id} job={job} index={index} parameters={shown} onRemove={onRemove} />
        ))}
      </PlainTable>
      {shown.length === 0 && <p className={classes.none}>Their parameters do not differ.</p>}
    </Section>
  );
}

function ComparedHead({ parameters }: { parameters: ComparedParameter[] }) {
  return (
    <tr>
      <th scope="col">Job</th>
      <th scope="col" data-tight>
        Status
      </th>
      {parameters.map(({ name, isSame }) => (
        <th key={name} scope="col" title={name} data-faint={isSame || undefined}>
          {name}
        </th>
      ))}
      <td data-tight />
    </tr>
  );
}

interface ComparedRowProps {
  job: Job;
  index: number;
  parameters: ComparedParameter[];
  onRemove: (jobId: string) => void;
}

function ComparedRow({ job, index, parameters, onRemove }: ComparedRowProps) {
  return (
    <tr>
      <th scope="row">
        <span className={classes.job}>
          <LineSwatch look={lookOf(index)} />
          <JobLink project={job.project} jobId={job.job_id} />
        </span>
      </th>
      <td>
        <StatusMark status={job.status} />
      </td>
      {parameters.map(({ name, values, isSame }) => (
        <td key={name} title={fullValue(values[index])} data-faint={isSame || undefined}>
          {values[index] === undefined ? '–' : formatValue(values[index])}
        </td>
      ))}
      <td>
        <CloseButton
          size="xs"
          aria-label={`Leave out job ${shortId(job.job_id)}`}
          onClick={() => {
            onRemove(job.job_id);
          }}
        />
      </td>
    </tr>
  );
}
