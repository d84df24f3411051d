import { Fragment } from 'react';

import { shortId, splitAtIds } from '@/lib/jobId';

import { JobLink } from './JobLink';

interface ReasonProps {
  /** The scheduler's sentences, with whole ids of jobs in them. */
  text: string;
  /** The projects of the jobs that are known here; other ids are no links. */
  projects?: ReadonlyMap<string, string>;
}

/** The scheduler's sentences, with the jobs in them as links. */
export function Reason({ text, projects }: ReasonProps) {
  return splitAtIds(text).map((part, index) => {
    if (index % 2 === 0) return <Fragment key={index}>{part}</Fragment>;
    const project = projects?.get(part);
    return project === undefined ? (
      <code key={index} title={part}>
        {shortId(part)}
      </code>
    ) : (
      <JobLink key={index} project={project} jobId={part} />
    );
  });
}
