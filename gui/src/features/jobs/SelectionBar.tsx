import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { CopyButton } from '@/components/CopyButton';
import { formatCount } from '@/lib/values';

import classes from './SelectionBar.module.css';
import type { Selection } from './useSelection';

/** Jobs that the page of comparison takes at most. */
const MOST = 200;

/** What can be done with the selected jobs. Nothing while none is selected. */
export function SelectionBar({ project, selection }: { project: string; selection: Selection }) {
  const ids = [...selection.ids];
  if (ids.length === 0) return null;
  return (
    <div className={classes.bar} role="status">
      <span>{formatCount(ids.length)} selected</span>
      {ids.length >= 2 && ids.length <= MOST && (
        <Link
          to="/projects/$project/compare"
          params={{ project }}
          search={{ jobs: ids.join() }}
          className={classes.compare}
        >
          Compare
        </Link>
      )}
      {ids.length > MOST && <span className={classes.hint}>{MOST} can be compared at most</span>}
      {ids.length === 1 && <span className={classes.hint}>Select another to compare</span>}
      <CopyButton text={ids.join('\n')} label="Copy the job IDs" />
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        onClick={() => {
          selection.set([]);
        }}
      >
        Clear
      </Button>
    </div>
  );
}
