import { Skeleton } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { fieldOfColumn } from '@/components/filter/writing';
import { Failure, Notice } from '@/components/Notice';
import type { JobSummary } from '@/types/api';

import { allJobsQuery } from '../api/getJobs';
import { conditionsFor } from '../CellMenu';
import { serverField, type ColumnChoice } from '../columnChoice';
import { splitStatistic, type KnownColumn } from '../knownColumns';
import type { SearchChange, TableSearch } from '../tableSearch';
import { GroupChart } from './GroupChart';
import { groupJobs, type JobGroup } from './grouping';
import { GroupTable } from './GroupTable';

interface GroupViewProps {
  project: string;
  /** In the server's language. */
  filter: string;
  known: KnownColumn[];
  choice: ColumnChoice[];
  search: TableSearch;
  onChange: (change: SearchChange) => void;
  onCondition: (condition: string) => void;
}

const NO_JOBS: JobSummary[] = [];
/** What the drawing of a curve asks of its job. */
const DRAWN_FIELDS = ['job_id', 'status', 'creation_time', 'start_time'];

/** The jobs in groups by a parameter: what each metric is like in each group, and the curves of one of them. */
export function GroupView(props: GroupViewProps) {
  const { project, filter, known, choice, search, onChange, onCondition } = props;
  const group = search.group ?? '';
  const numeric = useMemo(
    () => new Set(known.filter(({ isNumber }) => isNumber).map(({ id }) => id)),
    [known],
  );
  const columns = useMemo(
    () =>
      choice
        .map(({ id }) => id)
        .filter((id) => id.startsWith('output_metrics:') && numeric.has(splitStatistic(id).id)),
    [choice, numeric],
  );
  const fields = [...DRAWN_FIELDS, ...[group, ...columns].map(serverField).sort()].join();
  const { data, error, refetch } = useQuery({
    ...allJobsQuery(project, filter, fields),
    enabled: columns.length > 0,
    placeholderData: keepPreviousData,
  });
  const groups = useMemo(() => groupJobs(data?.jobs ?? NO_JOBS, group), [data, group]);
  if (columns.length === 0) {
    return (
      <Notice title="No metric to compare" role="status">
        <p>Groups are compared by the metrics among the columns. Choose one under “Columns”.</p>
      </Notice>
    );
  }
  if (error)
    return <Failure title="The groups could not be read" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={260} radius="md" />;
  return (
    <>
      <GroupChart groups={groups} columns={columns} search={search} onChange={onChange} />
      <GroupTable
        name={group.replace(/^parameters:/, '')}
        groups={groups}
        columns={columns}
        onOpen={(chosen) => {
          onChange({ group: undefined });
          onCondition(conditionOf(group, chosen));
        }}
      />
    </>
  );
}

/** Return the condition that the jobs of a group hold. */
function conditionOf(column: string, { value }: JobGroup): string {
  const field = fieldOfColumn(column) ?? column;
  return conditionsFor({ id: column, field }, value)[0] ?? `exists(${field})`;
}
