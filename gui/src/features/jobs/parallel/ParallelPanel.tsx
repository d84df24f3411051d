import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { Failure } from '@/components/Notice';
import { Select } from '@/components/Select';
import { formatCount } from '@/lib/values';
import type { JobSummary } from '@/types/api';

import { allJobsQuery } from '../api/getJobs';
import { serverField } from '../columnChoice';
import type { KnownColumn } from '../knownColumns';
import type { SearchChange, TableSearch } from '../tableSearch';
import { axisName, formatAxes, movedAxis, parseAxes, type Axes } from './axes';
import type { AxisActions } from './AxisStrip';
import { brushConditions, formatBrush, parseBrush, withBrushed, type Brush } from './brush';
import { brushedLines, makeAxis, type Axis } from './lines';
import classes from './Parallel.module.css';
import { ParallelPlot } from './ParallelPlot';
import { RangeTable } from './RangeTable';

interface ParallelPanelProps {
  project: string;
  /** In the server's language, without what is brushed. */
  filter: string;
  known: KnownColumn[];
  search: TableSearch;
  onChange: (change: SearchChange) => void;
  onCondition: (condition: string) => void;
}

const NO_JOBS: JobSummary[] = [];

/** Parallel coordinates of the jobs that the filter finds. What is brushed on them, the table shows. */
export function ParallelPanel(props: ParallelPanelProps) {
  const { project, filter, known, search, onChange } = props;
  const choice = useMemo(() => parseAxes(search.axes, known), [search.axes, known]);
  const fields = [...new Set(choice.axes.map(({ id }) => serverField(id)))].filter(Boolean).sort().join();
  const { data, error, refetch } = useQuery({
    ...allJobsQuery(project, filter, fields),
    enabled: fields !== '',
    placeholderData: keepPreviousData,
  });
  const jobs = data?.jobs ?? NO_JOBS;
  const axes = useMemo(() => choice.axes.map((axis) => makeAxis(axis, jobs)), [choice, jobs]);
  const { brush, onBrush } = useBrush(search.brush, onChange);
  const actions = { ...useAxisActions(choice, onChange), onBrush };
  if (error)
    return <Failure title="The axes could not be read" error={error} onRetry={() => void refetch()} />;
  return (
    <section className={classes.panel} aria-label="Parallel coordinates">
      <div className={classes.head}>
        <span role="status">{data ? heldWords(axes, brush, jobs.length) : 'Reading the jobs'}</span>
        <AxisAdder known={known} choice={choice} onChange={onChange} />
        {Object.keys(brush).length > 0 && <BrushButtons {...props} />}
      </div>
      <ParallelPlot axes={axes} colour={choice.colour} count={jobs.length} brush={brush} actions={actions} />
      <RangeTable axes={axes} brush={brush} onBrush={onBrush} />
    </section>
  );
}

/** What is brushed: while somebody brushes here alone, and then in the address. */
function useBrush(text: string | undefined, onChange: (change: SearchChange) => void) {
  const known = useMemo(() => parseBrush(text), [text]);
  const [moving, setMoving] = useState<Brush>();
  const onBrush: AxisActions['onBrush'] = (id, span, isDone) => {
    const next = withBrushed(known, id, span);
    setMoving(isDone ? undefined : next);
    if (isDone) onChange({ brush: formatBrush(next) });
  };
  return { brush: moving ?? known, onBrush };
}

function useAxisActions(choice: Axes, onChange: (change: SearchChange) => void) {
  const tell = (change: Partial<Axes>): void => {
    onChange({ axes: formatAxes({ ...choice, ...change }) });
  };
  return {
    onMove: (id: string, target: string) => {
      tell({ axes: movedAxis(choice.axes, id, target) });
    },
    onLog: (id: string, isLog: boolean) => {
      tell({ axes: choice.axes.map((axis) => (axis.id === id ? { id, isLog } : axis)) });
    },
    onColour: (colour: string) => {
      tell({ colour });
    },
    onRemove: (id: string) => {
      tell({ axes: choice.axes.filter((axis) => axis.id !== id) });
    },
  };
}

function heldWords(axes: Axis[], brush: Brush, count: number): string {
  const all = count === 1 ? '1 job' : `${formatCount(count)} jobs`;
  if (Object.keys(brush).length === 0) return `${all}. Drag along an axis to choose some.`;
  return `${formatCount(brushedLines(axes, brush, count).length)} of ${all}`;
}

function BrushButtons({ search, onChange, onCondition }: ParallelPanelProps) {
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => {
          onChange({ brush: undefined });
          onCondition(brushConditions(search.brush).join(' and '));
        }}
      >
        Keep as filter
      </Button>
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        onClick={() => {
          onChange({ brush: undefined });
        }}
      >
        Clear the brush
      </Button>
    </>
  );
}

interface AxisAdderProps {
  known: KnownColumn[];
  choice: Axes;
  onChange: (change: SearchChange) => void;
}

function AxisAdder({ known, choice, onChange }: AxisAdderProps) {
  const shown = new Set(choice.axes.map(({ id }) => id));
  const others = known.filter(({ id, group }) => group && !shown.has(id));
  if (others.length === 0) return null;
  return (
    <Select
      label="Add an axis"
      isLabelHidden
      size="xs"
      value=""
      options={[['', 'Add an axis…'], ...others.map(({ id }) => [id, axisName(id)] as const)]}
      onChange={(id) => {
        onChange({ axes: formatAxes({ ...choice, axes: [...choice.axes, { id, isLog: false }] }) });
      }}
    />
  );
}
