import { Skeleton } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';

import { Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';
import { projectTrail } from '@/components/projectTrail';
import { ToJobs } from '@/components/ToJobs';
import { oneOfManyQuery } from '@/lib/getJob';
import { RequestError } from '@/lib/request';
import { formatCount } from '@/lib/values';
import type { Job } from '@/types/api';

import { CodeSection } from './CodeSection';
import { ComparedTable } from './ComparedTable';
import classes from './ComparePage.module.css';
import { parseJobs } from './differences';
import { EnvironmentSections } from './EnvironmentSections';
import { OverlaySection } from './OverlaySection';
import { PictureSection } from './PictureSection';
import { useCompareSearch } from './useCompareSearch';

const route = getRouteApi('/projects/$project/compare');

/** Jobs side by side: what they were given, and how their metrics went. */
export function ComparePage() {
  const { project } = route.useParams();
  const [{ jobs: text }, change] = useCompareSearch();
  const ids = useMemo(() => parseJobs(text), [text]);
  const { jobs, missing, isPending, error } = useComparedJobs(ids);
  return (
    <>
      <PageHead
        title={ids.length === 1 ? 'Compare 1 job' : `Compare ${formatCount(ids.length)} jobs`}
        trail={projectTrail(project)}
        facts={missing.length > 0 && goneWords(missing.length)}
      />
      {ids.length < 2 && <TooFew project={project} />}
      {error && <Notice title="The jobs could not be read">{error.message}</Notice>}
      {isPending && <Skeleton height={240} radius="md" role="status" aria-label="Reading the jobs" />}
      {jobs.length > 0 && (
        <div className={classes.sections}>
          <ComparedTable
            jobs={jobs}
            onRemove={(id) => {
              change({ jobs: ids.filter((each) => each !== id).join() });
            }}
          />
          <OverlaySection jobs={jobs} />
          <PictureSection jobs={jobs} />
          <CodeSection jobs={jobs} />
          <EnvironmentSections jobs={jobs} />
        </div>
      )}
    </>
  );
}

interface Compared {
  jobs: Job[];
  /** Ids of jobs that do not exist. */
  missing: string[];
  isPending: boolean;
  error: Error | undefined;
}

function useComparedJobs(ids: string[]): Compared {
  return useQueries({
    queries: ids.map((id) => oneOfManyQuery(id)),
    combine: (answers) => ({
      jobs: answers.flatMap(({ data }) => data ?? []),
      missing: ids.filter((_, index) => isMissing(answers[index]?.error)),
      isPending: answers.some(({ isPending }) => isPending),
      error: answers.find(({ error }) => error && !isMissing(error))?.error ?? undefined,
    }),
  });
}

function isMissing(error: Error | null | undefined): boolean {
  return error instanceof RequestError && error.isMissing;
}

function TooFew({ project }: { project: string }) {
  return (
    <Notice title="Nothing to compare yet">
      <p>Select two jobs or more in the table, then choose Compare.</p>
      <ToJobs project={project} />
    </Notice>
  );
}

function goneWords(count: number): string {
  return count === 1
    ? 'One of them is gone: it was deleted.'
    : `${formatCount(count)} of them are gone: they were deleted.`;
}
