import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';

import { Hint } from '@/components/Hint';
import { Moment } from '@/components/Moment';
import { Section } from '@/components/Section';
import { lookOf } from '@/lib/lineLooks';
import { formatCount, formatNumber } from '@/lib/values';
import type { JobSummary } from '@/types/api';

import { lastValuesQuery } from './api/lastValues';
import { MetricBoxes } from './MetricBoxes';
import classes from './OverviewPage.module.css';
import { PointedJob } from './PointedJob';
import { drawnMetrics, hasBegun, lastValues, movedPlace } from './recent';

const Plot = lazy(() => import('@/components/Plot').then((page) => ({ default: page.Plot })));

const HEIGHT = 220;
/** Metrics that are drawn until somebody chooses. */
const FIRST = 3;
const NO_JOBS: JobSummary[] = [];

/** The last values of the metrics, job by job. A click leads to the job; so does Enter, once the arrow keys found it. */
export function RecentSection({ project }: { project: string }) {
  const { data } = useQuery(lastValuesQuery(project));
  const jobs = useMemo(() => data?.jobs.filter(hasBegun) ?? NO_JOBS, [data]);
  const names = useMemo(() => drawnMetrics(jobs), [jobs]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>();
  const [isLog, setIsLog] = useState(false);
  const isHidden = (name: string, place: number): boolean => (hidden ? hidden.has(name) : place >= FIRST);
  const shown = names.filter((name, place) => !isHidden(name, place));
  const toggle = (name: string): void => {
    const now = new Set(names.filter(isHidden));
    if (!now.delete(name)) now.add(name);
    setHidden(now);
  };
  return (
    <Section
      title="Recent jobs"
      controls={
        names.length > 0 && (
          <label className={classes.check}>
            <input
              type="checkbox"
              checked={isLog}
              onChange={(event) => {
                setIsLog(event.currentTarget.checked);
              }}
            />
            Log scale
          </label>
        )
      }
    >
      {data && names.length === 0 && (
        <Hint>
          No metrics have been logged yet! <code>foundations.log_metric(&quot;loss&quot;, 0.3)</code> in a
          script draws a line here.
        </Hint>
      )}
      {!data && <Skeleton height={HEIGHT} radius="md" />}
      {names.length > 0 && (
        <div className={classes.card} data-class="recent-jobs">
          <JobGraph project={project} jobs={jobs} names={names} shown={shown} isLog={isLog} />
          <MetricBoxes names={names} isHidden={isHidden} onToggle={toggle} />
        </div>
      )}
    </Section>
  );
}

interface JobGraphProps {
  project: string;
  /** Newest first. */
  jobs: JobSummary[];
  names: string[];
  /** Those of the names that are drawn. */
  shown: string[];
  isLog: boolean;
}

/** One place a job, the oldest at the left, and which job it is that the reader points at. */
function JobGraph({ project, jobs, names, shown, isLog }: JobGraphProps) {
  const navigate = useNavigate();
  // The job stays told when the pointer leaves the graph, so that one can get to its link.
  const [pointed, setPointed] = useState<number>();
  const newest = Math.max(
    0,
    jobs.findIndex(({ metrics }) => shown.some((name) => Object.hasOwn(metrics, name))),
  );
  const place = Math.min(pointed ?? jobs.length - newest, jobs.length);
  const job = jobs[jobs.length - place];
  const lines = shown.map((name) => ({ name, data: lastValues(jobs, name), ...lookOf(names.indexOf(name)) }));
  const look = useMemo(() => ({ isLog, smoothing: 0 }), [isLog]);
  const point = useCallback((x: number | null) => {
    if (x !== null) setPointed(x);
  }, []);
  const open = (): void => {
    if (job) void navigate({ to: '/projects/$project/jobs/$jobId', params: { project, jobId: job.job_id } });
  };
  return (
    <>
      {job && <PointedJob project={project} job={job} names={shown} />}
      <Suspense fallback={<Skeleton height={HEIGHT} />}>
        <div
          className={classes.graph}
          role="application"
          aria-label="Jobs, the oldest first: the arrow keys go from job to job, Enter opens one"
          tabIndex={0}
          onClick={open}
          onKeyDown={(event) => {
            const next = movedPlace(event.key, place, jobs.length);
            if (event.key === 'Enter') open();
            if (next === undefined) return;
            event.preventDefault();
            setPointed(next);
          }}
        >
          <Plot
            lines={lines}
            axis="point"
            look={look}
            height={HEIGHT}
            sync="recent"
            formatY={formatNumber}
            onPoint={point}
          />
        </div>
      </Suspense>
      <Ends jobs={jobs} />
    </>
  );
}

/** What the ends of the axis mean. */
function Ends({ jobs }: { jobs: JobSummary[] }) {
  const [newest, oldest] = [jobs[0]?.start_time, jobs.at(-1)?.start_time];
  if (typeof newest !== 'number' || typeof oldest !== 'number') return null;
  return (
    <p className={classes.ends}>
      <Moment at={oldest * 1000} />
      <span>{formatCount(jobs.length)} jobs in the order of their start</span>
      <Moment at={newest * 1000} />
    </p>
  );
}
