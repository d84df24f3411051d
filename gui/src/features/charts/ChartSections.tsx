import { useMemo } from 'react';

import { ChartControls } from '@/components/ChartControls';
import { choiceOf, searchOf } from '@/components/chartSearch';
import { CurveChart } from '@/components/curves/CurveChart';
import { Hint } from '@/components/Hint';
import type { LineFocus } from '@/components/lineFocus';
import { SearchField } from '@/components/SearchField';
import { metricGroups, nameIn } from '@/lib/metricGroups';
import { formatCount } from '@/lib/values';

import classes from './ChartsPage.module.css';
import type { DrawnJob } from './newestCurves';
import { useChartsSearch } from './useChartsSearch';

interface ChartSectionsProps {
  jobs: DrawnJob[];
  names: string[];
  focus: LineFocus;
}

/** A chart for each metric, in the sections that their names make. */
export function ChartSections({ jobs, names, focus }: ChartSectionsProps) {
  const [search, change] = useChartsSearch();
  const choice = useMemo(() => choiceOf(search), [search]);
  const groups = metricGroups(names, search.find);
  return (
    <div className={classes.charts}>
      <div className={classes.controls}>
        <div className={classes.find}>
          <SearchField
            label="Find a metric"
            hasKey={false}
            value={search.find ?? ''}
            onChange={(find) => {
              change({ find });
            }}
          />
        </div>
        <ChartControls
          choice={choice}
          metrics={names}
          onChange={(next) => {
            change(searchOf(next));
          }}
        />
      </div>
      {groups.length === 0 && <Hint>No metric has this in its name.</Hint>}
      {groups.map(({ prefix, names: own }) => (
        <details key={`/${prefix}`} open className={classes.section}>
          <summary>
            {prefix || 'Metrics'} <span>{formatCount(own.length)}</span>
          </summary>
          <div className={classes.grid}>
            {own.map((name) => (
              <MetricChart key={name} name={name} prefix={prefix} jobs={jobs} focus={focus} choice={choice} />
            ))}
          </div>
        </details>
      ))}
    </div>
  );
}

interface MetricChartProps extends Omit<ChartSectionsProps, 'names'> {
  name: string;
  prefix: string;
  choice: ReturnType<typeof choiceOf>;
}

/** A metric of those of the jobs that have it. */
function MetricChart({ name, prefix, jobs, focus, choice }: MetricChartProps) {
  const [{ mean = false }] = useChartsSearch();
  const curves = useMemo(
    () => jobs.filter(({ job }) => Object.hasOwn(job.metrics, name)).map(({ curve }) => curve),
    [jobs, name],
  );
  return (
    <CurveChart
      name={name}
      title={nameIn(prefix, name)}
      curves={curves}
      choice={choice}
      isMean={mean}
      sync="charts"
      focus={focus}
    />
  );
}
