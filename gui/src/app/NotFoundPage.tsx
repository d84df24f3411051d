import { Link, useLocation } from '@tanstack/react-router';

import { Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';

/** What an address that leads nowhere shows. */
export function NotFoundPage() {
  const { pathname } = useLocation();
  return (
    <>
      <PageHead title="Nothing here" />
      <Notice title="No page has this address">
        <p>
          <code>{pathname}</code> leads nowhere. A link may have been cut short, or the job that it named was
          deleted.
        </p>
        <p>
          <Link to="/projects">Go to all projects</Link>
        </p>
      </Notice>
    </>
  );
}
