import { Skeleton } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useDeferredValue, useMemo } from 'react';

import { CodeBlock } from '@/components/CodeBlock';
import { Failure, Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';
import { SearchField } from '@/components/SearchField';
import { RequestError } from '@/lib/request';
import { formatCount } from '@/lib/values';
import type { JobSummary } from '@/types/api';

import { useJobs, type Fields, type ProjectJobs } from './api/getJobs';
import {
  changed,
  defaultChoice,
  fieldsOf,
  formatChoice,
  parseChoice,
  type ColumnChoice,
} from './columnChoice';
import { ColumnChooser } from './ColumnChooser';
import { makeColumns } from './columns';
import { JobTable } from './JobTable';
import { knownColumns, type KnownColumn } from './knownColumns';
import { filterRows, toRows } from './rows';
import { SelectionBar } from './SelectionBar';
import { formatSort, parseSort, type TableSearch } from './tableSearch';
import { useSelection, type Selection } from './useSelection';

const route = getRouteApi('/projects/$project/job_listing');

/** All jobs of a project in one table. */
export function JobsPage() {
  const { project } = route.useParams();
  const { filter = '', columns } = route.useSearch();
  const choice = useMemo(() => parseChoice(columns), [columns]);
  const fields = useMemo(() => fieldsOf(choice), [choice]);
  const { data } = useJobs(project, fields);
  const known = useKnownColumns(data?.jobs);
  const selection = useSelection(project);
  const setSearch = useSetSearch();
  return (
    <>
      <PageHead
        title={project}
        trail={[
          <Link key="projects" to="/projects">
            Projects
          </Link>,
        ]}
        facts={data && <Counts data={data} />}
      >
        <SelectionBar project={project} selection={selection} />
        {data && data.jobs.length > 0 && (
          <>
            <SearchField
              label="Filter jobs"
              value={filter}
              onChange={(text) => {
                setSearch({ filter: text || undefined });
              }}
            />
            <ColumnChooser
              known={known}
              choice={choice ?? defaultChoice(known)}
              onChoice={(next) => {
                setSearch({ columns: next && formatChoice(next) });
              }}
            />
          </>
        )}
      </PageHead>
      <Jobs project={project} fields={fields} choice={choice} known={known} selection={selection} />
    </>
  );
}

interface JobsProps {
  project: string;
  fields: Fields;
  choice: ColumnChoice[] | undefined;
  known: KnownColumn[];
  selection: Selection;
}

function Jobs(props: JobsProps) {
  const { project, fields } = props;
  const { data, error, isPending, refetch, dataUpdatedAt } = useJobs(project, fields);
  if (isPending) return <Waiting />;
  if (!data) {
    if (error instanceof RequestError && error.isMissing) return <NoProject project={project} />;
    return <Failure title="The jobs could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (data.jobs.length === 0) return <NoJobs />;
  return <Listing {...props} jobs={data.jobs} readAt={dataUpdatedAt} />;
}

function Listing({
  jobs,
  readAt,
  project,
  choice,
  known,
  selection,
}: JobsProps & { jobs: JobSummary[]; readAt: number }) {
  const { sort, filter = '' } = route.useSearch();
  const setSearch = useSetSearch();
  const wanted = useDeferredValue(filter);
  const rows = useMemo(() => toRows(jobs, readAt), [jobs, readAt]);
  const found = useMemo(() => filterRows(rows, wanted), [rows, wanted]);
  const shown = useMemo(() => choice ?? defaultChoice(known), [choice, known]);
  const columns = useMemo(() => makeColumns(shown, known, project), [shown, known, project]);
  const order = useMemo(() => parseSort(sort), [sort]);
  if (found.length === 0) return <NoMatch filter={filter} />;
  return (
    <JobTable
      rows={found}
      columns={columns}
      order={order}
      selection={selection}
      onOrder={(next) => {
        setSearch({ sort: formatSort(next) });
      }}
      onWidth={(column, width) => {
        setSearch({ columns: formatChoice(changed(shown, column, { width })) });
      }}
    />
  );
}

/** The columns of these jobs; the same object while their names are the same. */
function useKnownColumns(jobs: JobSummary[] | undefined): KnownColumn[] {
  const columns = useMemo(() => knownColumns(jobs ?? []), [jobs]);
  const names = JSON.stringify(columns);
  return useMemo(() => JSON.parse(names) as KnownColumn[], [names]);
}

function useSetSearch() {
  const navigate = route.useNavigate();
  return (change: { [Part in keyof TableSearch]: TableSearch[Part] | undefined }) =>
    void navigate({
      replace: true,
      search: (search) => {
        const { sort, filter, columns } = { ...search, ...change };
        return { ...(sort && { sort }), ...(filter && { filter }), ...(columns && { columns }) };
      },
    });
}

function Counts({ data: { jobs, isComplete } }: { data: ProjectJobs }) {
  const running = jobs.filter(({ status }) => status === 'running').length;
  const words = jobs.length === 1 ? '1 job' : `${formatCount(jobs.length)} jobs`;
  return [isComplete ? words : `The newest ${words}; reading older ones`, running > 0 && `${running} running`]
    .filter(Boolean)
    .join(', ');
}

function NoMatch({ filter }: { filter: string }) {
  return (
    <Notice title={`No job matches “${filter.trim()}”`} role="status">
      <p>
        Each word is looked for in ids, states, users, tags and parameters. <code>lr=0.1</code> finds a
        parameter’s value.
      </p>
    </Notice>
  );
}

function Waiting() {
  return (
    <div role="status" aria-label="Reading the jobs">
      {Array.from({ length: 8 }, (_, row) => (
        <Skeleton key={row} height={32} mb={2} radius="sm" />
      ))}
    </div>
  );
}

function NoJobs() {
  return (
    <Notice title="No jobs yet" role="status">
      <p>Submit one from the project’s directory; it appears here at once.</p>
      <CodeBlock code="foundations submit scheduler . main.py" label="Copy the command" />
    </Notice>
  );
}

function NoProject({ project }: { project: string }) {
  return (
    <Notice title={`There is no project “${project}”`}>
      <p>A project exists from its first job on. Check the spelling, or find it among the others.</p>
      <p>
        <Link to="/projects">Go to all projects</Link>
      </p>
    </Notice>
  );
}
