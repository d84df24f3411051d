import { Skeleton } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useDeferredValue, useMemo } from 'react';

import { CodeBlock } from '@/components/CodeBlock';
import { Failure, Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';
import { SearchField } from '@/components/SearchField';
import { RequestError } from '@/lib/request';
import { formatCount } from '@/lib/values';
import type { JobListing } from '@/types/api';

import { useJobListing } from './api/getJobListing';
import { makeColumns } from './columns';
import { JobTable } from './JobTable';
import { filterRows, toRows } from './rows';
import { formatSort, parseSort, type TableSearch } from './tableSearch';

const route = getRouteApi('/projects/$project/job_listing');

/** All jobs of a project in one table. */
export function JobsPage() {
  const { project } = route.useParams();
  const { filter = '' } = route.useSearch();
  const { data } = useJobListing(project);
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
        facts={data && <Counts listing={data} />}
      >
        {data && data.jobs.length > 0 && (
          <SearchField
            label="Filter jobs"
            value={filter}
            onChange={(text) => {
              setSearch({ filter: text || undefined });
            }}
          />
        )}
      </PageHead>
      <Jobs project={project} />
    </>
  );
}

function Jobs({ project }: { project: string }) {
  const { data, error, isPending, refetch, dataUpdatedAt } = useJobListing(project);
  if (isPending) return <Waiting />;
  if (!data) {
    if (error instanceof RequestError && error.isMissing) return <NoProject project={project} />;
    return <Failure title="The jobs could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (data.jobs.length === 0) return <NoJobs />;
  return <Listing listing={data} project={project} readAt={dataUpdatedAt} />;
}

function Listing({ listing, project, readAt }: { listing: JobListing; project: string; readAt: number }) {
  const { sort, filter = '' } = route.useSearch();
  const setSearch = useSetSearch();
  const wanted = useDeferredValue(filter);
  const { jobs, parameters, output_metric_names: metrics } = listing;
  const rows = useMemo(() => toRows({ jobs }, readAt), [jobs, readAt]);
  const found = useMemo(() => filterRows(rows, wanted), [rows, wanted]);
  const columns = useMemo(() => makeColumns(parameters, metrics, project), [parameters, metrics, project]);
  const order = useMemo(() => parseSort(sort), [sort]);
  if (found.length === 0) {
    return (
      <Notice title={`No job matches “${filter.trim()}”`} role="status">
        <p>
          Each word is looked for in ids, states, users, tags and parameters. <code>lr=0.1</code> finds a
          parameter’s value.
        </p>
      </Notice>
    );
  }
  return (
    <JobTable
      rows={found}
      columns={columns}
      order={order}
      onOrder={(next) => {
        setSearch({ sort: formatSort(next) });
      }}
    />
  );
}

function useSetSearch() {
  const navigate = route.useNavigate();
  return (change: { [Part in keyof TableSearch]: TableSearch[Part] | undefined }) =>
    void navigate({
      replace: true,
      search: (search) => {
        const { sort, filter } = { ...search, ...change };
        return { ...(sort && { sort }), ...(filter && { filter }) };
      },
    });
}

function Counts({ listing: { jobs } }: { listing: JobListing }) {
  const running = jobs.filter(({ status }) => status === 'running').length;
  const words = jobs.length === 1 ? '1 job' : `${formatCount(jobs.length)} jobs`;
  return running > 0 ? `${words}, ${running} running` : words;
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
