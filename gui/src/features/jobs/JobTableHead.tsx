import type { Header } from '@tanstack/react-table';

import { Icon } from '@/components/Icon';

import { looks } from './cellLooks';
import type { features } from './columns';
import classes from './JobTable.module.css';
import type { ColumnGroup } from './knownColumns';
import type { JobRow } from './rows';
import type { Selection } from './useSelection';

const GROUP_WORDS: Record<ColumnGroup, string> = { parameters: 'Parameters', metrics: 'Metrics' };
const HEADER_HOOKS = { parameters: 'param-header', metrics: 'metric-header' };
const ARIA_SORT = { asc: 'ascending', desc: 'descending' } as const;
/** Pixels: the narrowest that a column can be made, and one step with the keyboard. */
const NARROWEST = 48;
const STEP = 16;

type Heading = Header<typeof features, JobRow>;

interface JobTableHeadProps {
  headings: Heading[];
  rows: JobRow[];
  selection: Selection;
  onWidth: (column: string, width: number | undefined) => void;
}

/** The names of the columns, by which one sorts, and whose edges one drags. */
export function JobTableHead({ headings, rows, selection, onWidth }: JobTableHeadProps) {
  const chosen = rows.filter(({ id }) => selection.ids.has(id)).length;
  return (
    <thead>
      <GroupRow headings={headings} />
      <tr aria-rowindex={1}>
        <th scope="col" className={classes.select} data-pinned style={{ left: 0 }}>
          <input
            type="checkbox"
            aria-label="Select all jobs of the table"
            checked={chosen > 0 && chosen === rows.length}
            ref={(box) => {
              if (box) box.indeterminate = chosen > 0 && chosen < rows.length;
            }}
            onChange={() => {
              selection.set(chosen === rows.length ? [] : rows.map(({ id }) => id));
            }}
          />
        </th>
        {headings.map((heading) => (
          <HeadCell key={heading.id} heading={heading} onWidth={onWidth} />
        ))}
      </tr>
    </thead>
  );
}

/** Names the groups of neighbouring columns; screen readers hear the columns' own names. */
function GroupRow({ headings }: { headings: Heading[] }) {
  const runs: { group: ColumnGroup | undefined; count: number }[] = [{ group: undefined, count: 1 }];
  for (const { column } of headings) {
    const group = column.columnDef.meta?.group;
    const last = runs.at(-1);
    if (last && last.group === group) last.count += 1;
    else runs.push({ group, count: 1 });
  }
  if (runs.length === 1) return null;
  return (
    <tr className={classes.groups} aria-hidden>
      {runs.map(({ group, count }, index) => (
        <td key={index} colSpan={count}>
          {group && <span>{GROUP_WORDS[group]}</span>}
        </td>
      ))}
    </tr>
  );
}

interface HeadCellProps {
  heading: Heading;
  onWidth: (column: string, width: number | undefined) => void;
}

function HeadCell({ heading, onWidth }: HeadCellProps) {
  const { column } = heading;
  const { meta, header } = column.columnDef;
  const name = String(header);
  const direction = column.getIsSorted();
  return (
    <th
      scope="col"
      aria-sort={direction ? ARIA_SORT[direction] : 'none'}
      {...looks(meta)}
      {...(meta?.group && { 'data-class': HEADER_HOOKS[meta.group] })}
    >
      <button type="button" className={classes.sort} title={name} onClick={column.getToggleSortingHandler()}>
        <span className={classes.name}>{name}</span>
        {direction && <Icon name={direction === 'asc' ? 'sortUp' : 'sortDown'} size={12} />}
      </button>
      <ResizeHandle
        name={name}
        width={heading.getSize()}
        onWidth={(width) => {
          onWidth(column.id, width);
        }}
      />
    </th>
  );
}

interface ResizeHandleProps {
  name: string;
  width: number;
  onWidth: (width: number | undefined) => void;
}

/** Makes a column wider or narrower: dragged, or with the arrow keys. A double click makes it fit by itself again. */
function ResizeHandle({ name, width, onWidth }: ResizeHandleProps) {
  const follow = (event: React.PointerEvent<HTMLElement>): void => {
    const handle = event.currentTarget;
    const heading = handle.closest('th');
    const col = handle.closest('table')?.querySelectorAll('col')[heading?.cellIndex ?? 0];
    handle.setPointerCapture(event.pointerId);
    const widthAt = (x: number): number => Math.max(NARROWEST, width + x - event.clientX);
    handle.onpointermove = ({ clientX }) => {
      // Drawn without React while it is dragged: a new width makes every cell anew.
      if (col) col.style.width = `${widthAt(clientX)}px`;
    };
    handle.onpointerup = ({ clientX }) => {
      handle.onpointermove = handle.onpointerup = null;
      if (clientX !== event.clientX) onWidth(widthAt(clientX));
    };
  };
  return (
    <span
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${name}`}
      aria-valuenow={width}
      tabIndex={0}
      className={classes.resize}
      onPointerDown={follow}
      onDoubleClick={() => {
        onWidth(undefined);
      }}
      onKeyDown={({ key }) => {
        if (key === 'ArrowLeft') onWidth(Math.max(NARROWEST, width - STEP));
        if (key === 'ArrowRight') onWidth(width + STEP);
      }}
    />
  );
}
