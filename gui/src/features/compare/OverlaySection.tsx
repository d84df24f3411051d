import { useMemo } from 'react';

import type { ChartChoice } from '@/components/chartChoice';
import { ChartControls } from '@/components/ChartControls';
import { choiceOf, searchOf } from '@/components/chartSearch';
import { CurveChart } from '@/components/curves/CurveChart';
import type { Curve } from '@/components/curves/curveLines';
import { Hint } from '@/components/Hint';
import { LineFocus } from '@/components/lineFocus';
import { Section } from '@/components/Section';
import { shortId } from '@/lib/jobId';
import { lookOf } from '@/lib/lineLooks';
import type { Job } from '@/types/api';

import { metricsOf } from './differences';
import classes from './OverlaySection.module.css';
import { useCompareSearch } from './useCompareSearch';

/** A chart for each metric, with a line for each job. */
export function OverlaySection({ jobs }: { jobs: Job[] }) {
  const [search, change] = useCompareSearch();
  const choice = useMemo(() => choiceOf(search), [search]);
  const names = useMemo(() => metricsOf(jobs), [jobs]);
  const curves = useMemo(() => jobs.map(curveOf), [jobs]);
  const focus = useMemo(() => new LineFocus(), []);
  return (
    <Section
      title="Metrics"
      count={names.length}
      controls={
        names.length > 0 && (
          <ChartControls
            choice={choice}
            metrics={names}
            onChange={(next) => {
              change(searchOf(next));
            }}
          />
        )
      }
    >
      {names.length === 0 && <Hint>None of these jobs has a metric with several points.</Hint>}
      <div className={classes.grid}>
        {names.map((name) => (
          <Overlay key={name} name={name} jobs={jobs} curves={curves} choice={choice} focus={focus} />
        ))}
      </div>
    </Section>
  );
}

interface OverlayProps {
  name: string;
  jobs: Job[];
  curves: Curve[];
  choice: ChartChoice;
  focus: LineFocus;
}

/** Those of the jobs that have the metric. */
function Overlay({ name, jobs, curves, choice, focus }: OverlayProps) {
  const own = useMemo(
    () => curves.filter((_, index) => Object.hasOwn(jobs[index]?.metrics ?? {}, name)),
    [jobs, curves, name],
  );
  return <CurveChart name={name} curves={own} choice={choice} sync="compare" hasLegend focus={focus} />;
}

function curveOf(job: Job, index: number): Curve {
  return {
    id: job.job_id,
    label: shortId(job.job_id),
    look: lookOf(index),
    start: job.start_time ?? job.creation_time,
    isLive: job.status === 'running',
  };
}
