import { Link } from '@tanstack/react-router';

import { JobLink } from '@/components/JobLink';
import { Section } from '@/components/Section';
import { bundleOf } from '@/lib/getSource';
import { shortId } from '@/lib/jobId';
import type { Job, Lineage } from '@/types/api';

import { useLineage } from './api/getLineage';
import { lineageOf } from './lineage';
import classes from './LineageSection.module.css';
import { RelativeList } from './RelativeList';

/** Where the job comes from, and what belongs to it. */
export function LineageSection({ job }: { job: Job }) {
  const { data: lineage } = useLineage(job);
  const { search, schedule } = lineageOf(job);
  const bundle = bundleOf(job);
  const { project, job_id: jobId } = job;
  return (
    <>
      {(search ?? schedule ?? bundle ?? lineage?.parent_id) && (
        <Section title="Comes from">
          <ul className={classes.list}>
            {lineage && <Parent lineage={lineage} />}
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
      )}
      {lineage && <RelativeList title="Jobs it submitted" relatives={lineage.children} />}
      {lineage && <RelativeList title="Others with the same code" relatives={lineage.same_code} />}
    </>
  );
}

function Parent({ lineage: { parent, parent_id: id } }: { lineage: Lineage }) {
  if (parent) {
    return (
      <li>
        Submitted by job <JobLink project={parent.project} jobId={parent.job_id} />
      </li>
    );
  }
  return id && <li title={id}>Submitted by job {shortId(id)}, which is no longer here</li>;
}
