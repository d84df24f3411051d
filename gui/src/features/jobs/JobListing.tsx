import { Button, Skeleton } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';

import { CodeBlock } from '@/components/CodeBlock';
import { Failure, Notice } from '@/components/Notice';
import { RequestError } from '@/lib/request';

import { allJobsQuery, type useJobWindow } from './api/getJobs';
import { CellMenu } from './CellMenu';
import { changed, movedTo, restated, toggled, type ColumnChoice } from './columnChoice';
import { makeColumns } from './columns';
import { JobTable, type AskedCell } from './JobTable';
import type { HeadActions } from './JobTableHead';
import { splitStatistic, type KnownColumn } from './knownColumns';
import { formatSort, nextOrder, parseSort, type SearchChange, type TableSearch } from './tableSearch';
import type { Selection } from './useSelection';

interface JobListingProps {
  project: string;
  jobs: ReturnType<typeof useJobWindow>;
  choice: ColumnChoice[];
  known: KnownColumn[];
  /** In the server's language. */
  filter: string;
  search: TableSearch;
  selection: Selection;
  onChange: (change: SearchChange) => void;
  onColumns: (choice: ColumnChoice[]) => void;
  onCondition: (condition: string) => void;
  /** Shows all jobs again. */
  onAllJobs: () => void;
}

/** The table of the jobs that the filter finds, or why there is none. */
export function JobListing(props: JobListingProps) {
  const { jobs, project, filter } = props;
  if (!jobs.window) {
    if (!jobs.error) return <Waiting />;
    if (jobs.error instanceof RequestError && jobs.error.isMissing) return <NoProject project={project} />;
    if (jobs.error instanceof RequestError && jobs.error.facts['field'] === 'filter') {
      return <NoMatch title="This filter cannot be read" onAllJobs={props.onAllJobs} />;
    }
    return (
      <Failure title="The jobs could not be read" error={jobs.error} onRetry={() => void jobs.refetch()} />
    );
  }
  if (jobs.window.total === 0)
    return filter ? <NoMatch title="No job matches" onAllJobs={props.onAllJobs} /> : <NoJobs />;
  return <Listing {...props} window={jobs.window} />;
}

type ListingProps = JobListingProps & { window: NonNullable<ReturnType<typeof useJobWindow>['window']> };

function Listing(props: ListingProps) {
  const { project, choice, known, search, selection, window: jobs, onCondition } = props;
  const columns = useMemo(() => makeColumns(choice, known, project), [choice, known, project]);
  const order = useMemo(() => parseSort(search.sort), [search.sort]);
  const [asked, setAsked] = useState<AskedCell>();
  const navigate = useNavigate();
  return (
    <>
      <JobTable
        jobs={jobs}
        columns={columns}
        order={order}
        selection={selection}
        actions={useHeadActions(props)}
        onAsk={setAsked}
        onOpen={(jobId) =>
          void navigate({ to: '/projects/$project/jobs/$jobId', params: { project, jobId } })
        }
      />
      <CellMenu
        asked={asked}
        job={asked && jobs.jobAt(asked.place)}
        column={columns.find(({ id }) => id === asked?.column)}
        onCondition={onCondition}
        onClose={() => {
          setAsked(undefined);
        }}
      />
    </>
  );
}

function useHeadActions(props: ListingProps): HeadActions {
  const { project, filter, choice, known, search, selection, onChange, onColumns, onCondition } = props;
  const client = useQueryClient();
  return {
    onSort: ({ id, isDescendingFirst }) => {
      onChange({ sort: formatSort(nextOrder(parseSort(search.sort), id, isDescendingFirst)) });
    },
    onSortBy: (id, desc) => {
      onChange({ sort: formatSort({ id, desc }) });
    },
    onWidth: (id, width) => {
      onColumns(changed(choice, id, { width }));
    },
    onMove: (id, target) => {
      onColumns(movedTo(choice, id, target));
    },
    onPin: (id, isPinned) => {
      onColumns(changed(choice, id, { isPinned }));
    },
    onHide: (id) => {
      onColumns(toggled(choice, splitStatistic(id).id, known));
    },
    onStatistic: (id, statistic) => {
      onColumns(restated(choice, id, statistic));
    },
    onGroup: (group) => {
      onChange({ group });
    },
    onCondition,
    onSelectAll: () =>
      void client.query(allJobsQuery(project, filter, 'job_id')).then(({ jobs }) => {
        selection.add(jobs.map(({ job_id }) => job_id));
      }),
  };
}

function NoMatch({ title, onAllJobs }: { title: string; onAllJobs: () => void }) {
  return (
    <Notice title={title} role="status">
      <p>
        Words are looked for in ids, users and states. <code>params.lr &lt; 0.01</code> finds jobs by a
        parameter, <code>metrics.loss.min &lt; 0.5</code> by a metric, <code>tags.best</code> by a tag.
      </p>
      <Button variant="default" size="xs" onClick={onAllJobs}>
        Show all jobs
      </Button>
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
