import { Link } from '@tanstack/react-router';

import { Moment } from '@/components/Moment';
import { Name } from '@/components/Name';
import { StatusMark } from '@/components/StatusMark';
import { Tag } from '@/components/Tag';
import { tagField } from '@/lib/filterFields';
import { formatCount } from '@/lib/values';
import type { JobStatus, Project } from '@/types/api';

import { statusCounts } from './directory';
import classes from './ProjectList.module.css';

/** Tags of a project that are shown: the most frequent. */
const TAGS = 6;

/** Projects, one a row; the whole row leads to the project's jobs. */
export function ProjectList({ projects }: { projects: Project[] }) {
  return (
    <ul className={classes.list} aria-label="Projects">
      {projects.map((project) => (
        <ProjectRow key={project.name} project={project} />
      ))}
    </ul>
  );
}

function ProjectRow({ project }: { project: Project }) {
  const counts = statusCounts(project);
  return (
    <li className={classes.row} data-class="project-summary">
      <div className={classes.what}>
        <h2 className={classes.name}>
          <Link to="/projects/$project/job_listing" params={{ project: project.name }}>
            <Name>{project.name}</Name>
          </Link>
        </h2>
        <p className={classes.created}>
          Created <Moment at={project.creation_time * 1000} as="ago" />
        </p>
        <Tags project={project} />
      </div>
      <Proportions counts={counts} />
      <ul className={classes.counts} aria-label={`Jobs of ${project.name}`}>
        {counts.map(([status, count]) => (
          <li key={status}>
            <StatusMark status={status}>
              {formatCount(count)} {status}
            </StatusMark>
          </li>
        ))}
        {counts.length === 0 && <li className={classes.none}>No jobs</li>}
      </ul>
    </li>
  );
}

/** The tags of the jobs; each leads to the jobs that have it. */
function Tags({ project: { name, tags } }: { project: Project }) {
  if (tags.length === 0) return null;
  return (
    <ul className={classes.tags} aria-label={`Tags of ${name}`}>
      {tags.slice(0, TAGS).map((tag) => (
        <li key={tag}>
          <Link
            to="/projects/$project/job_listing"
            params={{ project: name }}
            search={{ filter: tagField(tag) }}
            aria-label={`Jobs of ${name} tagged ${tag}`}
          >
            <Tag name={tag} value="" />
          </Link>
        </li>
      ))}
      {tags.length > TAGS && (
        <li className={classes.none} title={tags.slice(TAGS).join(', ')}>
          and {tags.length - TAGS} more
        </li>
      )}
    </ul>
  );
}

/** How the jobs are shared among the states, for the eye; the counts beside it say the same. */
function Proportions({ counts }: { counts: [JobStatus, number][] }) {
  return (
    <div className={classes.bar} aria-hidden>
      {counts.map(([status, count]) => (
        <span key={status} data-status={status} style={{ flexGrow: count }} />
      ))}
    </div>
  );
}
