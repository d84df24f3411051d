import { useMediaQuery } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState, useSyncExternalStore } from 'react';

import { Choice } from '@/components/Choice';
import type { LineFocus } from '@/components/lineFocus';
import { Name } from '@/components/Name';
import { formatCount } from '@/lib/values';

import { DrawnJobRow } from './DrawnJobRow';
import classes from './DrawnJobs.module.css';
import type { DrawnGroup, DrawnJob } from './newestCurves';
import { readingsOf, type Reading } from './readings';
import { useChartsSearch } from './useChartsSearch';

interface DrawnJobsProps {
  project: string;
  groups: DrawnGroup[];
  hidden: ReadonlySet<string>;
  focus: LineFocus;
}

const READINGS: { value: Reading; label: string }[] = [
  { value: 'last', label: 'Last' },
  { value: 'best', label: 'Best' },
];

/** The jobs that are drawn: how their lines look, and what they reached in the chart that one looked at. */
export function DrawnJobs({ project, groups, hidden, focus }: DrawnJobsProps) {
  const isWide = useMediaQuery('(min-width: 48em)', false, { getInitialValueInEffect: false });
  const [, change] = useChartsSearch();
  const jobs = groups.flatMap(({ jobs: own }) => own);
  const show = (isShown: boolean, ids: string[]): void => {
    const others = [...hidden].filter((id) => !ids.includes(id));
    change({ hide: (isShown ? others : [...others, ...ids]).join() });
  };
  return (
    <details open={isWide || undefined} className={classes.frame}>
      <summary>
        Jobs <span>{formatCount(jobs.length)}</span>
      </summary>
      <Head
        project={project}
        jobs={jobs}
        onShowAll={(isShown) => {
          change({ hide: isShown ? '' : jobs.map(({ curve }) => curve.id).join() });
        }}
      />
      <Rows project={project} groups={groups} focus={focus} onShow={show} />
    </details>
  );
}

interface HeadProps {
  project: string;
  jobs: DrawnJob[];
  onShowAll: (isShown: boolean) => void;
}

function Head({ project, jobs, onShowAll }: HeadProps) {
  const shown = jobs.filter(({ curve }) => curve.isHidden !== true).map(({ curve }) => curve.id);
  return (
    <div className={classes.head}>
      <label>
        <input
          type="checkbox"
          checked={shown.length > 0}
          ref={(input) => {
            if (input) input.indeterminate = shown.length > 0 && shown.length < jobs.length;
          }}
          onChange={() => {
            onShowAll(shown.length < jobs.length);
          }}
        />
        {shown.length === jobs.length ? 'All' : `${formatCount(shown.length)} of ${formatCount(jobs.length)}`}
      </label>
      {shown.length > 1 && (
        <Link
          className={classes.compare}
          to="/projects/$project/compare"
          params={{ project }}
          search={{ jobs: shown.join() }}
        >
          Compare {formatCount(shown.length)}
        </Link>
      )}
    </div>
  );
}

interface RowsProps {
  project: string;
  groups: DrawnGroup[];
  focus: LineFocus;
  onShow: (isShown: boolean, ids: string[]) => void;
}

function Rows({ project, groups, focus, onShow }: RowsProps) {
  const line = useSyncExternalStore(focus.hear, () => focus.line);
  const chart = useSyncExternalStore(focus.hear, () => focus.chart);
  const [reading, setReading] = useState<Reading>('last');
  const values = readingsOf(chart, reading);
  return (
    <>
      {chart && (
        <p className={classes.metric}>
          <Name>{chart.name}</Name>
          <Choice label="Value of the metric" value={reading} options={READINGS} onChange={setReading} />
        </p>
      )}
      {groups.map(({ title, jobs }) => (
        <ul key={title ?? ''} className={classes.rows} aria-label={title ?? 'Jobs that are drawn'}>
          {title !== undefined && (
            <li className={classes.group} aria-hidden>
              <Name>{title}</Name> {formatCount(jobs.length)}
            </li>
          )}
          {jobs.map((drawn) => (
            <DrawnJobRow
              key={drawn.curve.id}
              project={project}
              drawn={drawn}
              value={values.get(drawn.curve.id)}
              isMeant={line !== undefined && (line === drawn.curve.id || line === drawn.curve.group)}
              focus={focus}
              onShow={onShow}
            />
          ))}
        </ul>
      ))}
    </>
  );
}
