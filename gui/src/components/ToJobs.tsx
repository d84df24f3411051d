import { Link } from '@tanstack/react-router';

/** The next step where there is nothing of a project to show. */
export function ToJobs({ project }: { project: string }) {
  return (
    <p>
      <Link to="/projects/$project/job_listing" params={{ project }}>
        Go to the jobs of {project}
      </Link>
    </p>
  );
}
