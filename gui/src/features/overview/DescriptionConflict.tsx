import { Button } from '@mantine/core';

import { Moment } from '@/components/Moment';

import type { Description } from './api/description';
import classes from './OverviewPage.module.css';

interface DescriptionConflictProps {
  /** What somebody else saved meanwhile. */
  theirs: Description;
  onSaveMine: () => void;
  onTakeBoth: () => void;
}

/** What somebody else saved while one wrote, and the ways on: no text is lost by either. */
export function DescriptionConflict({ theirs, onSaveMine, onTakeBoth }: DescriptionConflictProps) {
  const [version] = theirs.versions;
  return (
    <div className={classes.conflict} role="group" aria-label="Saved by somebody else">
      <p>
        <strong>{version?.author || 'Somebody'} saved another text</strong>{' '}
        {version && <Moment at={version.time * 1000} />} while you wrote. If you save yours in its place, it
        stays among the versions.
      </p>
      <textarea
        className={classes.text}
        aria-label="The text that was saved meanwhile"
        rows={Math.min(10, theirs.text.split('\n').length + 1)}
        readOnly
        value={theirs.text}
      />
      <div className={classes.actions}>
        <Button size="xs" variant="default" onClick={onSaveMine}>
          Save mine in its place
        </Button>
        <Button size="xs" variant="default" onClick={onTakeBoth}>
          Put it before mine, to edit both
        </Button>
      </div>
    </div>
  );
}
