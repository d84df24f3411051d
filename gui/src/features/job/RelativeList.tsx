import { useState } from 'react';

import { JobLink } from '@/components/JobLink';
import { Moment } from '@/components/Moment';
import { Section } from '@/components/Section';
import { StatusMark } from '@/components/StatusMark';
import { formatCount } from '@/lib/values';
import type { Relatives } from '@/types/api';

import classes from './LineageSection.module.css';

/** Jobs that are shown before the reader asks for more. */
const FIRST = 5;

/** Jobs that belong to a job, newest first. Nothing where there are none. */
export function RelativeList({ title, relatives: { total, jobs } }: { title: string; relatives: Relatives }) {
  const [isWhole, setIsWhole] = useState(false);
  if (total === 0) return null;
  const shown = isWhole ? jobs : jobs.slice(0, FIRST);
  return (
    <Section title={title} count={total}>
      <ul className={classes.list} aria-label={title}>
        {shown.map(({ job_id: id, project, status, creation_time: created }) => (
          <li key={id} className={classes.relative}>
            <JobLink project={project} jobId={id} />
            <StatusMark status={status} />
            <Moment at={created * 1000} />
          </li>
        ))}
        {isWhole && total > jobs.length && <li>and {formatCount(total - jobs.length)} older ones</li>}
      </ul>
      {!isWhole && jobs.length > FIRST && (
        <button
          type="button"
          className={classes.more}
          onClick={() => {
            setIsWhole(true);
          }}
        >
          Show more
        </button>
      )}
    </Section>
  );
}
