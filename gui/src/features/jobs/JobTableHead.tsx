import { ActionIcon } from '@mantine/core';
import { memo } from 'react';

import { Icon } from '@/components/Icon';
import { plainText } from '@/lib/values';

import { ColumnMenu, type ColumnActions } from './ColumnMenu';
import type { JobColumn } from './columns';
import classes from './JobTable.module.css';
import type { ColumnGroup } from './knownColumns';
import { ResizeHandle } from './ResizeHandle';
import type { ColumnOrder } from './tableSearch';
import type { ColumnWindow } from './useColumnWindow';
import { useDragOnto } from './useDragOnto';
import type { Selection } from './useSelection';

const GROUP_WORDS: Record<ColumnGroup, string> = { parameters: 'Parameters', metrics: 'Metrics' };
const HEADER_HOOKS = { parameters: 'param-header', metrics: 'metric-header' };

export interface HeadActions extends ColumnActions {
  onSort: (column: JobColumn) => void;
  onWidth: (column: string, width: number | undefined) => void;
  onMove: (column: string, target: string) => void;
  onSelectAll: () => void;
}

interface JobTableHeadProps {
  window: ColumnWindow;
  all: JobColumn[];
  /** Jobs of the table, in sight or not. */
  total: number;
  order: ColumnOrder | undefined;
  actions: HeadActions;
  selection: Selection;
}

/**
 * The names of the columns, by which one sorts, which one drags to another place, and whose edges one drags. Remembered,
 * since the rows scroll below it.
 */
export const JobTableHead = memo(function JobTableHead({
  window,
  all,
  total,
  order,
  actions,
  selection,
}: JobTableHeadProps) {
  const { columns, pinned } = window;
  const cells = columns.map((column) => (
    <HeadCell key={column.id} column={column} all={all} order={order} actions={actions} />
  ));
  const chosen = selection.ids.size;
  const hasAll = chosen > 0 && chosen >= total;
  return (
    <thead>
      <GroupRow window={window} />
      <tr aria-rowindex={1}>
        <th scope="col" className={classes.select} data-pinned style={{ left: 0 }}>
          <input
            type="checkbox"
            aria-label="Select all jobs of the table"
            checked={hasAll}
            ref={(box) => {
              if (box) box.indeterminate = chosen > 0 && !hasAll;
            }}
            onChange={() => {
              if (hasAll) selection.set([]);
              else actions.onSelectAll();
            }}
          />
        </th>
        {cells.slice(0, pinned)}
        <td className={classes.gap} aria-hidden />
        {cells.slice(pinned)}
        <td className={classes.gap} aria-hidden />
      </tr>
    </thead>
  );
});

/** Names the groups of neighbouring columns; screen readers hear the columns' own names. */
function GroupRow({ window: { columns, pinned } }: { window: ColumnWindow }) {
  const runs: { group: ColumnGroup | undefined; count: number }[] = [];
  for (const { group } of columns.slice(pinned)) {
    const last = runs.at(-1);
    if (last && last.group === group) last.count += 1;
    else runs.push({ group, count: 1 });
  }
  if (runs.every(({ group }) => !group)) return null;
  return (
    <tr className={classes.groups} aria-hidden>
      <td colSpan={pinned + 2} />
      {runs.map(({ group, count }, index) => (
        <td key={index} colSpan={count}>
          {group && <span>{GROUP_WORDS[group]}</span>}
        </td>
      ))}
      <td />
    </tr>
  );
}

interface HeadCellProps {
  column: JobColumn;
  all: JobColumn[];
  order: ColumnOrder | undefined;
  actions: HeadActions;
}

/** Pixels by which the keyboard changes a width. */
const STEP = 16;

function HeadCell({ column, all, order, actions }: HeadCellProps) {
  const { id, header, align, left, group, size } = column;
  const direction = order?.id === id ? (order.desc ? 'descending' : 'ascending') : undefined;
  const drag = useDragOnto('column', id, actions.onMove);
  const change = (event: React.KeyboardEvent): void => {
    const way = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (!way || !(event.altKey || event.shiftKey)) return;
    event.preventDefault();
    const neighbour = all[all.findIndex((each) => each.id === id) + way];
    if (event.shiftKey) actions.onWidth(id, Math.max(STEP * 3, size + way * STEP));
    else if (neighbour) actions.onMove(id, neighbour.id);
  };
  return (
    <th
      scope="col"
      aria-sort={direction ?? 'none'}
      data-align={align}
      data-pinned={left === undefined ? undefined : true}
      {...(left !== undefined && { style: { left } })}
      {...(group && { 'data-class': HEADER_HOOKS[group] })}
      {...drag}
    >
      <span className={classes.heading}>
        <button
          type="button"
          className={classes.sort}
          title={`${header}\nAlt and an arrow key move it, Shift and an arrow key change its width`}
          disabled={!column.isSortable}
          onKeyDown={change}
          onClick={() => {
            actions.onSort(column);
          }}
        >
          <bdi className={classes.name}>{plainText(header)}</bdi>
          {direction && <Icon name={direction === 'ascending' ? 'sortUp' : 'sortDown'} size={12} />}
        </button>
        <ColumnMenu column={column} actions={actions}>
          <ActionIcon
            size={18}
            variant="subtle"
            color="gray"
            className={classes.menu ?? ''}
            aria-label={`Menu of ${header}`}
          >
            <Icon name="chevron" size={10} transform="rotate(90)" />
          </ActionIcon>
        </ColumnMenu>
      </span>
      <ResizeHandle
        width={size}
        onWidth={(width) => {
          actions.onWidth(id, width);
        }}
      />
    </th>
  );
}
