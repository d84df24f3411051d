import { useState } from 'react';

import { CopyButton } from '@/components/CopyButton';
import { Duration } from '@/components/Duration';
import { Moment } from '@/components/Moment';
import { StatusMark } from '@/components/StatusMark';
import { Tag } from '@/components/Tag';
import { shortId } from '@/lib/jobId';
import { formatValue, fullValue } from '@/lib/values';
import type { JobStatus, JobSummary, Value } from '@/types/api';

import classes from './cells.module.css';

/** What a cell shows. */
export interface JobCell {
  content: React.ReactNode;
  /** What is told to those who look closer. */
  title?: string | undefined;
  /** Whether it only says that there is nothing. */
  isMissing?: true;
  /** Pixels that are enough for it. A cell that is narrower is cut off, as is one of which it is not known. */
  width?: number;
}

/** Pixels of a digit, which all have the same width, of the widest of the plain letters, and beside a text. */
const [DIGIT, LETTER, PADDING] = [8, 13, 24];
/** Pixels beside a job's id, with what copies it. */
const COPY = 44;

const EMPTY: JobCell = { content: null, width: 0 };

export function jobIdCell(project: string, jobId: string): JobCell {
  const content = <JobId key={jobId} project={project} jobId={jobId} />;
  return { content, width: COPY + shortId(jobId).length * DIGIT };
}

export function statusCell(status: JobStatus): JobCell {
  return { content: <StatusMark status={status} />, width: 112 };
}

export function momentCell(seconds: number | null): JobCell {
  return seconds === null ? EMPTY : { content: <Moment at={seconds * 1000} />, width: 132 };
}

export function durationCell({ duration, status }: JobSummary, readAt: number): JobCell {
  if (duration === null) return EMPTY;
  return {
    content: <Duration seconds={duration} since={status === 'running' ? readAt : undefined} />,
    width: 84,
  };
}

export function tagsCell(tags: Record<string, Value>): JobCell {
  return { content: <Tags tags={Object.entries(tags)} /> };
}

/** A text of one line; all of it is in its title. */
export function textCell(text: string, title = text): JobCell {
  return { content: text, title: title || undefined, width: widthOfText(text) };
}

const MISSING: JobCell = { content: '–', title: 'not available', isMissing: true, width: 40 };

/** A logged value, short; every digit is in its title. What was never logged is a dash. */
export function valueCell(value: Value | undefined): JobCell {
  return value === undefined ? MISSING : textCell(formatValue(value), fullValue(value));
}

/** Return pixels that are enough for a text: measuring it would cost more than to cut it off in vain. */
function widthOfText(text: string): number {
  if (/^[\d.e−]*$/.test(text)) return PADDING + text.length * DIGIT;
  return /^[ -~]*$/.test(text) ? PADDING + text.length * LETTER : Infinity;
}

/** Tags that fit into a cell; the others are named in its title. */
const SHOWN_TAGS = 2;

/** The way to a job. What copies its id is made once somebody is near: for each row it would slow the scrolling. */
function JobId({ project, jobId }: { project: string; jobId: string }) {
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

function Tags({ tags }: { tags: [string, Value][] }) {
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
