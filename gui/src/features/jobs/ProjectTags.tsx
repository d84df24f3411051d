import { tagField } from '@/lib/filterFields';
import { formatCount } from '@/lib/values';
import type { Facet } from '@/types/api';

import classes from './ProjectTags.module.css';

/** Tags that are shown: the most frequent. */
const SHOWN = 16;

interface ProjectTagsProps {
  tags: Facet[];
  onCondition: (condition: string) => void;
}

/** The tags of a project's jobs; a click shows the jobs that have one. */
export function ProjectTags({ tags, onCondition }: ProjectTagsProps) {
  if (tags.length === 0) return null;
  const shown = [...tags].sort((one, other) => other.jobs - one.jobs).slice(0, SHOWN);
  return (
    <ul className={classes.tags} aria-label="Tags of this project" data-class="project-page-tags">
      {shown.map(({ name, jobs }) => (
        <li key={name}>
          <button
            type="button"
            className={classes.tag}
            title={`Show the jobs tagged ${name}`}
            onClick={() => {
              onCondition(tagField(name));
            }}
          >
            {name} <span>{formatCount(jobs)}</span>
          </button>
        </li>
      ))}
      {tags.length > shown.length && <li className={classes.more}>and {tags.length - shown.length} more</li>}
    </ul>
  );
}
