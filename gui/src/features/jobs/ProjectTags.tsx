import { useCallback, useRef, useState } from 'react';

import { Name } from '@/components/Name';
import { tagField } from '@/lib/filterFields';
import { formatCount } from '@/lib/values';
import type { Facet } from '@/types/api';

import classes from './ProjectTags.module.css';
import { useLook } from './useLook';

/** Tags that are named: the most frequent. */
const NAMED = 60;

interface ProjectTagsProps {
  tags: Facet[];
  onCondition: (condition: string) => void;
}

/** The tags of a project's jobs, as many as a line has room for; a click shows the jobs that have one. */
export function ProjectTags({ tags, onCondition }: ProjectTagsProps) {
  const [list, hidden] = useHidden(tags);
  const [isOpen, setOpen] = useState(false);
  if (tags.length === 0) return null;
  const named = [...tags].sort((one, other) => other.jobs - one.jobs).slice(0, NAMED);
  const rest = tags.length - named.length;
  return (
    <div className={classes.tags} data-class="project-page-tags" data-open={isOpen || undefined}>
      <ul ref={list} className={classes.list} aria-label="Tags of this project">
        {named.map(({ name, jobs }, place) => (
          <li key={name} inert={!isOpen && place >= named.length - hidden}>
            <button
              type="button"
              className={classes.tag}
              title={`Show the jobs tagged ${name}`}
              onClick={() => {
                onCondition(tagField(name));
              }}
            >
              <Name>{name}</Name> <span>{formatCount(jobs)}</span>
            </button>
          </li>
        ))}
      </ul>
      {hidden + rest > 0 && (
        <button
          type="button"
          className={classes.more}
          aria-expanded={isOpen}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          {isOpen ? 'One line' : `${formatCount(hidden + rest)} more`}
        </button>
      )}
      {isOpen && rest > 0 && <p className={classes.rest}>The filter finds {formatCount(rest)} rarer ones.</p>}
    </div>
  );
}

/** Return what to refer to a list of tags by, and how many of them its first line has no room for. */
function useHidden(tags: Facet[]) {
  const list = useRef<HTMLUListElement>(null);
  const [hidden, setHidden] = useState(0);
  const look = useCallback(
    (element: HTMLElement) => {
      if (tags.length > 0) setHidden(belowFirstLine(element));
    },
    [tags],
  );
  useLook(list, look);
  return [list, hidden] as const;
}

function belowFirstLine(list: HTMLElement): number {
  const items = [...list.children] as HTMLElement[];
  const top = items[0]?.offsetTop ?? 0;
  return items.filter(({ offsetTop }) => offsetTop > top).length;
}
