import { Skeleton } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';

import { problemOf } from '@/components/filter/Highlight';
import { languageOf, paramField } from '@/components/filter/writing';
import { Hint } from '@/components/Hint';
import { LineFocus } from '@/components/lineFocus';
import { Failure, Notice } from '@/components/Notice';
import { ProjectHead } from '@/components/ProjectHead';
import { useFacets } from '@/lib/getFacets';
import { formatCount } from '@/lib/values';
import type { JobPage } from '@/types/api';

import { useNewestJobs } from './api/getNewestJobs';
import { ChartSections } from './ChartSections';
import classes from './ChartsPage.module.css';
import { FEW } from './chartsSearch';
import { ChartsToolbar } from './ChartsToolbar';
import { DrawnJobs } from './DrawnJobs';
import { drawnGroups, metricsOf } from './newestCurves';
import { useChartsSearch } from './useChartsSearch';

const route = getRouteApi('/projects/$project/charts');

/** The metrics of a project's newest jobs, drawn while they come in. */
export function ChartsPage() {
  const { project } = route.useParams();
  return <ProjectCharts key={project} project={project} />;
}

function ProjectCharts({ project }: { project: string }) {
  const [{ filter = '', count = FEW, group }] = useChartsSearch();
  const { data: facets } = useFacets(project);
  const written = languageOf(filter).trim();
  const fields = useMemo(() => (group === undefined ? [] : [paramField(group)]), [group]);
  const { data, error, refetch } = useNewestJobs({ project, filter: written, count, fields });
  const problem = problemOf(error, written);
  return (
    <>
      <ProjectHead project={project} facts={data && <Facts page={data} />} />
      <ChartsToolbar facets={facets} problem={problem} />
      {error && !problem && (
        <Failure title="The jobs could not be read" error={error} onRetry={() => void refetch()} />
      )}
      {data && data.jobs.length > 0 && <Charts project={project} page={data} />}
      {data?.jobs.length === 0 && <NoJobs project={project} filter={filter} />}
      {!data && !error && <Skeleton height={300} radius="md" role="status" aria-label="Reading the jobs" />}
    </>
  );
}

/** The jobs beside their charts. */
function Charts({ project, page }: { project: string; page: JobPage }) {
  const [{ group, hide }] = useChartsSearch();
  const hidden = useMemo(() => new Set((hide ?? '').split(',').filter(Boolean)), [hide]);
  const groups = useMemo(() => drawnGroups(page, group, hidden), [page, group, hidden]);
  const jobs = useMemo(() => groups.flatMap(({ jobs: own }) => own), [groups]);
  const names = useMemo(() => metricsOf(page.jobs), [page]);
  const focus = useMemo(() => new LineFocus(), []);
  return (
    <div className={classes.columns}>
      <DrawnJobs project={project} groups={groups} hidden={hidden} focus={focus} />
      {names.length === 0 ? (
        <Hint>
          None of these jobs has logged a metric. <code>foundations.log_metric(&quot;loss&quot;, 0.3)</code>{' '}
          in the training loop makes a chart here.
        </Hint>
      ) : (
        <ChartSections jobs={jobs} names={names} focus={focus} />
      )}
    </div>
  );
}

function Facts({ page: { jobs, total } }: { page: JobPage }) {
  if (total > jobs.length) return `newest ${formatCount(jobs.length)} of ${formatCount(total)} jobs`;
  return total === 1 ? '1 job' : `${formatCount(total)} jobs`;
}

function NoJobs({ project, filter }: { project: string; filter: string }) {
  if (filter !== '') {
    return (
      <Notice title="No job matches" role="status">
        <p>
          <Link to="/projects/$project/charts" params={{ project }}>
            Draw the newest jobs, whatever they are
          </Link>
        </p>
      </Notice>
    );
  }
  return (
    <Notice title="No jobs yet" role="status">
      <p>The metrics of this project’s jobs appear here while they are logged.</p>
    </Notice>
  );
}
