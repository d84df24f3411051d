import { Link } from '@tanstack/react-router';

import { PageHead } from './PageHead';
import { ProjectTabs } from './ProjectTabs';

interface ProjectHeadProps {
  project: string;
  /** What is told of it beside its name. */
  facts?: React.ReactNode;
}

/** The head of each page of a project: its name, the way back to the others, and its two sides. */
export function ProjectHead({ project, facts }: ProjectHeadProps) {
  return (
    <PageHead
      title={project}
      isLow
      facts={facts}
      trail={[
        <Link key="projects" to="/projects">
          Projects
        </Link>,
      ]}
    >
      <ProjectTabs project={project} />
    </PageHead>
  );
}
