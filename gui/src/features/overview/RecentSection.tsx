import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';

import { Section } from '@/components/Section';
import { shortId } from '@/lib/jobId';
import { lookOf } from '@/lib/lineLooks';
import { formatNumber } from '@/lib/values';
import type { JobSummary } from '@/types/api';

import { lastValuesQuery } from './api/lastValues';
import { MetricBoxes } from './MetricBoxes';
import classes from './OverviewPage.module.css';
import { drawnMetrics, hasBegun, lastValues } from './recent';

const Plot = lazy(() => import('@/components/Plot').then((page) => ({ default: page.Plot })));

const HEIGHT = 220;
const LOOK = { isLog: false, smoothing: 0 };
const NO_JOBS: JobSummary[] = [];

/** The last values of the metrics, job by job. A click leads to the job. */
export function RecentSection({ project }: { project: string }) {
  const { data } = useQuery(lastValuesQuery(project));
  const jobs = useMemo(() => data?.jobs.filter(hasBegun) ?? NO_JOBS, [data]);
  const names = useMemo(() => drawnMetrics(jobs), [jobs]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>();
  const isHidden = (name: string, place: number): boolean => (hidden ? hidden.has(name) : place >= FIRST);
  const [pointed, setPointed] = useState<number>();
  const lines = names.flatMap((name, place) =>
    isHidden(name, place) ? [] : [{ name, data: lastValues(jobs, name), ...lookOf(place) }],
  );
  const toggle = (name: string): void => {
    const now = new Set(names.filter(isHidden));
    if (!now.delete(name)) now.add(name);
    setHidden(now);
  };
  const navigate = useNavigate();
  const job = pointed === undefined ? undefined : jobs[jobs.length - pointed];
  return (
    <Section title="Recent jobs" controls={<span className={classes.told}>{job && told(job, lines)}</span>}>
      {data && names.length === 0 && (
        <p className={classes.empty}>
          No metrics have been logged yet! <code>foundations.log_metric(&quot;loss&quot;, 0.3)</code> in a
          script draws a line here.
        </p>
      )}
      {!data && <Skeleton height={HEIGHT} radius="md" />}
      {names.length > 0 && (
        <div className={classes.card} data-class="recent-jobs">
          <Suspense fallback={<Skeleton height={HEIGHT} />}>
            <div
              onClick={() => {
                if (job)
                  void navigate({
                    to: '/projects/$project/jobs/$jobId',
                    params: { project, jobId: job.job_id },
                  });
              }}
            >
              <Plot
                lines={lines}
                axis="point"
                look={LOOK}
                height={HEIGHT}
                sync="recent"
                formatY={formatNumber}
                onPoint={(x) => {
                  setPointed(x ?? undefined);
                }}
              />
            </div>
          </Suspense>
          <MetricBoxes names={names} isHidden={isHidden} onToggle={toggle} />
        </div>
      )}
    </Section>
  );
}

/** Metrics that are drawn until somebody chooses. */
const FIRST = 3;

function told(job: JobSummary, lines: { name: string }[]): string {
  const values = lines.map(({ name }) => {
    const value = job.metrics[name];
    return typeof value === 'number' ? `${name} ${formatNumber(value)}` : `${name} –`;
  });
  return [shortId(job.job_id), ...values].join(', ');
}
