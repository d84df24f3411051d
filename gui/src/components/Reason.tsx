import { Fragment } from 'react';

import { shortId, splitAtIds } from '@/lib/jobId';
import { splitAtMoments } from '@/lib/moments';

import { JobLink } from './JobLink';
import { Moment } from './Moment';

interface ReasonProps {
  /** The scheduler's sentences, with whole ids of jobs in them, and moments in UTC. */
  text: string;
  /** The projects of the jobs that are known here; other ids are no links. */
  projects?: ReadonlyMap<string, string>;
}

/** The scheduler's sentences, with the jobs in them as links and the moments in the reader's zone. */
export function Reason({ text, projects }: ReasonProps) {
  return splitAtIds(text).map((part, index) => {
    if (index % 2 === 0) return <Words key={index} text={part} />;
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

function Words({ text }: { text: string }) {
  return splitAtMoments(text, Date.now()).map((part, index) =>
    typeof part === 'number' ? (
      <Moment key={index} at={part} as="sentence" />
    ) : (
      <Fragment key={index}>{part}</Fragment>
    ),
  );
}
