import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';

import { problemOf } from '@/components/filter/Highlight';
import { useFilterDraft } from '@/components/filter/useFilterDraft';
import { languageOf, withCondition } from '@/components/filter/writing';
import { ProjectHead } from '@/components/ProjectHead';
import { Refusal } from '@/components/Refusal';
import { useFacets } from '@/lib/getFacets';
import { formatCount } from '@/lib/values';
import type { Facet } from '@/types/api';

import { useJobWindow } from './api/getJobs';
import { defaultChoice, fieldsOf, formatChoice, parseChoice } from './columnChoice';
import { JobListing } from './JobListing';
import classes from './JobsPage.module.css';
import { JobToolbar } from './JobToolbar';
import { knownColumns } from './knownColumns';
import { brushConditions } from './parallel/brush';
import { ProjectTags } from './ProjectTags';
import { SelectionBar } from './SelectionBar';
import { changedSearch, serverSort, type SearchChange } from './tableSearch';
import { useSelection } from './useSelection';

const route = getRouteApi('/projects/$project/job_listing');

// Both draw, and neither is there when the page opens.
const ParallelPanel = lazy(() =>
  import('./parallel/ParallelPanel').then((page) => ({ default: page.ParallelPanel })),
);
const GroupView = lazy(() => import('./groups/GroupView').then((page) => ({ default: page.GroupView })));

const NO_TAGS: Facet[] = [];

/** All jobs of a project in one table. */
export function JobsPage() {
  const { project } = route.useParams();
  return <ProjectJobs key={project} project={project} />;
}

function ProjectJobs({ project }: { project: string }) {
  const page = useJobsPage(project);
  const { search, onChange, filter, facets, known, choice, jobs, selection, filtered } = page;
  const problem = problemOf(jobs.error, filtered);
  return (
    <>
      <ProjectHead
        project={project}
        facts={
          <>
            <Counts total={facets?.jobs} found={jobs.window?.total} />
            <ProjectTags tags={facets?.tags ?? NO_TAGS} onCondition={page.addCondition} />
          </>
        }
      />
      <JobToolbar
        project={project}
        filter={filter}
        onFilter={page.setFilter}
        problem={problem}
        facets={facets}
        known={known}
        choice={choice}
        search={search}
        onChange={onChange}
      />
      {jobs.window && !problem && (
        <Refusal
          title="The filter was not answered"
          error={jobs.unanswered}
          onDismiss={() => {
            page.setFilter('');
          }}
        />
      )}
      <SelectionBar project={project} selection={selection} />
      <Suspense>
        {search.axes !== undefined && (
          <ParallelPanel {...page} project={project} filter={filtered} onCondition={page.addCondition} />
        )}
        <Jobs project={project} page={page} />
      </Suspense>
    </>
  );
}

/** The jobs themselves, one by one or in groups. */
function Jobs({ project, page }: { project: string; page: ReturnType<typeof useJobsPage> }) {
  const { search, onChange, shown, addCondition } = page;
  if (search.group) {
    return <GroupView {...page} project={project} filter={shown} onCondition={addCondition} />;
  }
  return (
    <JobListing
      {...page}
      project={project}
      filter={shown}
      onColumns={(next) => {
        onChange({ columns: formatChoice(next) });
      }}
      onCondition={addCondition}
      onAllJobs={() => {
        page.setFilter('');
        onChange({ filter: undefined, brush: undefined });
      }}
    />
  );
}

/** What the page shows, and how it changes. */
function useJobsPage(project: string) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const onChange = (part: SearchChange): void =>
    void navigate({ replace: true, search: (before) => changedSearch(before, part) });
  const [filter, setFilter] = useFilterDraft(search.filter ?? '', (text) => {
    onChange({ filter: text || undefined });
  });
  const { data: facets } = useFacets(project);
  const known = useMemo(() => knownColumns(facets), [facets]);
  const chosen = useMemo(() => parseChoice(search.columns), [search.columns]);
  const filtered = languageOf(filter).trim();
  const shown = brushConditions(search.brush).reduce(withCondition, filtered);
  const fields = fieldsOf(chosen);
  const jobs = useJobWindow({ project, filter: shown, sort: serverSort(search.sort), fields });
  return {
    search,
    onChange,
    filter,
    setFilter,
    facets,
    known,
    choice: useMemo(() => chosen ?? defaultChoice(known), [chosen, known]),
    filtered,
    /** The filter of the table: what is written, and what is brushed. */
    shown,
    jobs,
    selection: useSelection(project),
    addCondition: (condition: string) => {
      setFilter(withCondition(filter, condition));
    },
  };
}

function Counts({ total, found }: { total: number | undefined; found: number | undefined }) {
  const all = total ?? found;
  if (all === undefined) return null;
  const words = all === 1 ? '1 job' : `${formatCount(all)} jobs`;
  return (
    <span className={classes.counts}>
      {found === undefined || found === all ? words : `${formatCount(found)} of ${words}`}
    </span>
  );
}
