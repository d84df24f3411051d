import { Link, useLocation } from '@tanstack/react-router';

import { Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';
import { ToJobs } from '@/components/ToJobs';

/** What an address that leads nowhere shows: where it may have been meant to lead. */
export function NotFoundPage() {
  const { pathname } = useLocation();
  const project = /^\/projects\/([^/]+)/.exec(pathname)?.[1];
  return (
    <>
      <PageHead title="Nothing here" />
      <Notice title="No page has this address">
        <p>
          <code>{pathname}</code> leads nowhere. A link may have been cut short, or what it named was deleted.
        </p>
        {project && <ToJobs project={decoded(project)} />}
        <p>
          <Link to="/projects">Go to all projects</Link>, or press <kbd>Ctrl K</kbd> and type a job’s id.
        </p>
      </Notice>
    </>
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
