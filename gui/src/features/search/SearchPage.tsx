import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';

import { Choice } from '@/components/Choice';
import { Hint } from '@/components/Hint';
import { Failure, Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';
import { projectTrail } from '@/components/projectTrail';
import { Select } from '@/components/Select';
import { ToJobs } from '@/components/ToJobs';
import { formatCount } from '@/lib/values';
import type { JobSummary } from '@/types/api';

import { filterOf, trialsQuery } from './api/getTrials';
import { BestSection } from './BestSection';
import { ParameterSection } from './ParameterSection';
import classes from './SearchPage.module.css';
import type { Goal } from './searchSearch';
import { likelyGoal, metricsOf, ranked, trialsOf } from './trials';
import { TrialTable } from './TrialTable';

const route = getRouteApi('/projects/$project/searches/$search');

/** A hyper-parameter search: its trials, the best of them, and how it came about. */
export function SearchPage() {
  const { project, search } = route.useParams();
  const { metric: wanted, goal: wish } = route.useSearch();
  const navigate = route.useNavigate();
  const first = useQuery(trialsQuery(project, search, undefined));
  const metrics = useMemo(() => metricsOf(first.data ?? []), [first.data]);
  const metric = wanted ?? metrics[0];
  const goal = wish ?? likelyGoal(metric ?? '');
  const { data } = useQuery({ ...trialsQuery(project, search, metric), enabled: metric !== undefined });
  const jobs = data ?? first.data;
  const choose = (next: { metric?: string; goal?: Goal }): void => {
    void navigate({ replace: true, search: (before) => ({ ...before, ...next }) });
  };
  return (
    <>
      <PageHead title={`Search ${search}`} trail={projectTrail(project)} facts={jobs && countsOf(jobs)}>
        {metric !== undefined && (
          <Judgement metrics={metrics} metric={metric} goal={goal} onChoose={choose} />
        )}
      </PageHead>
      {first.isPending && <Skeleton height={320} radius="md" role="status" aria-label="Reading the trials" />}
      {first.error && !first.data && (
        <Failure
          title="The trials could not be read"
          error={first.error}
          onRetry={() => void first.refetch()}
        />
      )}
      {jobs?.length === 0 && <NoTrials search={search} project={project} />}
      {jobs && jobs.length > 0 && (
        <Findings jobs={jobs} metric={metric} goal={goal} filter={filterOf(search)} />
      )}
    </>
  );
}

interface FindingsProps {
  jobs: JobSummary[];
  metric: string | undefined;
  goal: Goal;
  filter: string;
}

function Findings({ jobs, metric, goal, filter }: FindingsProps) {
  const trials = useMemo(() => trialsOf(jobs, metric ?? '', goal), [jobs, metric, goal]);
  const ranks = useMemo(() => ranked(trials, goal), [trials, goal]);
  return (
    <div className={classes.sections}>
      {metric === undefined ? (
        <Hint>
          No trial has logged a metric yet. <code>foundations.log_metric(&quot;accuracy&quot;, 0.9)</code> in
          the script is what trials are judged by.
        </Hint>
      ) : (
        <>
          <BestSection trials={trials} ranks={ranks} metric={metric} goal={goal} />
          {ranks[0]?.value !== undefined && (
            <ParameterSection trials={trials} best={ranks[0]} metric={metric} />
          )}
        </>
      )}
      <TrialTable ranks={ranks} metric={metric} filter={filter} />
    </div>
  );
}

interface JudgementProps {
  metrics: string[];
  metric: string;
  goal: Goal;
  onChoose: (next: { metric?: string; goal?: Goal }) => void;
}

const GOALS = [
  { value: 'max', label: 'Largest is best' },
  { value: 'min', label: 'Smallest is best' },
] as const;

function Judgement({ metrics, metric, goal, onChoose }: JudgementProps) {
  return (
    <>
      <Select
        label="Judged by"
        value={metric}
        options={[...new Set([metric, ...metrics])]}
        onChange={(next) => {
          onChoose({ metric: next });
        }}
      />
      <Choice
        label="Which value is best"
        options={GOALS}
        value={goal}
        onChange={(next) => {
          onChoose({ goal: next });
        }}
      />
    </>
  );
}

function countsOf(jobs: JobSummary[]): string {
  const words: [JobSummary['status'][], string][] = [
    [['running', 'pending'], 'running'],
    [['queued'], 'waiting'],
    [['completed'], 'completed'],
    [['failed'], 'failed'],
  ];
  const counts = words.flatMap(([states, word]) => {
    const count = jobs.filter(({ status }) => states.includes(status)).length;
    return count > 0 ? [`${formatCount(count)} ${word}`] : [];
  });
  return `${formatCount(jobs.length)} ${jobs.length === 1 ? 'trial' : 'trials'}: ${counts.join(', ')}`;
}

function NoTrials({ search, project }: { search: string; project: string }) {
  return (
    <Notice title="No trial belongs to this search">
      <p>
        No job of {project} has the tag <code>search</code> with the value <code>{search}</code>. Its jobs may
        have been deleted.
      </p>
      <ToJobs project={project} />
    </Notice>
  );
}
