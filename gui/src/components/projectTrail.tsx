import { Link } from '@tanstack/react-router';

/** Return the way back from a page that is part of a project, for the head of the page. */
export function projectTrail(project: string): React.ReactNode[] {
  return [
    <Link key="projects" to="/projects">
      Projects
    </Link>,
    <Link key="project" to="/projects/$project/job_listing" params={{ project }}>
      {project}
    </Link>,
  ];
}
