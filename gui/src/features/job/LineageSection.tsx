import { Link } from '@tanstack/react-router';

import { Section } from '@/components/Section';
import { bundleOf } from '@/lib/getSource';
import type { Job } from '@/types/api';

import { lineageOf } from './lineage';
import classes from './LineageSection.module.css';

/** Where the job comes from, and what belongs to it. */
export function LineageSection({ job }: { job: Job }) {
  const { search, schedule } = lineageOf(job);
  const bundle = bundleOf(job);
  const { project, job_id: jobId } = job;
  if (!search && !schedule && !bundle) return null;
  return (
    <Section title="Comes from">
      <ul className={classes.list}>
        {search && (
          <li>
            {search.trial && `Trial ${search.trial} of `}
            {search.trial ? 'search ' : 'Search '}
            <Link to="/projects/$project/searches/$search" params={{ project, search: search.id }}>
              {search.id}
            </Link>
          </li>
        )}
        {schedule && (
          <li>
            A run of the schedule <Link to="/queue">{schedule}</Link>
          </li>
        )}
        {bundle && (
          <li>
            Code{' '}
            <Link
              to="/projects/$project/jobs/$jobId"
              params={{ project, jobId }}
              search={{ tab: 'code' }}
              title={bundle}
            >
              <code>{bundle.slice(0, 10)}</code>
            </Link>
          </li>
        )}
      </ul>
    </Section>
  );
}
