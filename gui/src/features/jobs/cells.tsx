import { useState } from 'react';

import { CopyButton } from '@/components/CopyButton';
import { Tag } from '@/components/Tag';
import { shortId } from '@/lib/jobId';
import { formatValue, fullValue } from '@/lib/values';
import type { Value } from '@/types/api';

import classes from './cells.module.css';

/** Tags that fit into a cell; the others are named in its title. */
const SHOWN_TAGS = 2;

/** The way to a job. What copies its id is made once somebody is near: for each row it would slow the scrolling. */
export function JobIdCell({ project, jobId }: { project: string; jobId: string }) {
  const [isNear, setNear] = useState(false);
  const come = (): void => {
    setNear(true);
  };
  return (
    <span className={classes.job} onPointerEnter={come} onFocus={come}>
      {/* No Link of the router's: it listens to the address, and of these there is one in each row that scrolls by. */}
      <a
        href={`/projects/${encodeURIComponent(project)}/jobs/${encodeURIComponent(jobId)}`}
        className={classes.id}
        title={jobId}
        tabIndex={-1}
        data-class="job-details-button"
        data-job={jobId}
      >
        {shortId(jobId)}
      </a>
      {isNear && (
        <span className={classes.copy}>
          <CopyButton text={jobId} label="Copy job ID" />
        </span>
      )}
    </span>
  );
}

export function TagsCell({ tags }: { tags: [string, Value][] }) {
  const hidden = tags.slice(SHOWN_TAGS);
  return (
    <span className={classes.tags}>
      {tags.slice(0, SHOWN_TAGS).map(([name, value]) => (
        <Tag key={name} name={name} value={value} isBrief />
      ))}
      {hidden.length > 0 && (
        <span className={classes.more} title={hidden.map(([name]) => name).join(', ')}>
          +{hidden.length}
        </span>
      )}
    </span>
  );
}

/** A logged value, short; every digit is in its title. What was never logged is a dash. */
export function ValueCell({ value }: { value: Value | undefined }) {
  if (value === undefined) {
    return (
      <span className={classes.missing} title="not available">
        –
      </span>
    );
  }
  return <span title={fullValue(value)}>{formatValue(value)}</span>;
}
