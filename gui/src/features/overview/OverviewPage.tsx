import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';

import { CommentSection } from '@/components/CommentSection';
import { Failure, Notice } from '@/components/Notice';
import { ProjectHead } from '@/components/ProjectHead';
import { RequestError } from '@/lib/request';

import { lastValuesQuery } from './api/lastValues';
import { DescriptionSection } from './DescriptionSection';
import classes from './OverviewPage.module.css';
import { RecentSection } from './RecentSection';

const route = getRouteApi('/projects/$project/overview');

/** What people say of a project, and how its recent jobs did. */
export function OverviewPage() {
  const { project } = route.useParams();
  return (
    <>
      <ProjectHead project={project} />
      <Overview key={project} project={project} />
    </>
  );
}

function Overview({ project }: { project: string }) {
  const { data, error, refetch } = useQuery(lastValuesQuery(project));
  if (error instanceof RequestError && error.isMissing) {
    return (
      <Notice title={`There is no project “${project}”`}>
        <p>A project exists from its first job on. Check the spelling, or find it among the others.</p>
        <p>
          <Link to="/projects">Go to all projects</Link>
        </p>
      </Notice>
    );
  }
  // What is read already stays, and with it what somebody writes: the server may only be away for a moment.
  if (error && !data)
    return <Failure title="The project could not be read" error={error} onRetry={() => void refetch()} />;
  return (
    <div className={classes.page}>
      <RecentSection project={project} />
      <div className={classes.columns}>
        <DescriptionSection project={project} />
        <CommentSection project={project} />
      </div>
    </div>
  );
}
