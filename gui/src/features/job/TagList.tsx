import { Tag } from '@/components/Tag';
import type { Value } from '@/types/api';

import classes from './TagList.module.css';

/** All tags of a job. */
export function TagList({ tags }: { tags: Record<string, Value> }) {
  const entries = Object.entries(tags);
  if (entries.length === 0) return <p className={classes.empty}>None were set.</p>;
  return (
    <ul className={classes.tags} data-class="job-details-tags">
      {entries.map(([name, value]) => (
        <li key={name}>
          <Tag name={name} value={value} />
        </li>
      ))}
    </ul>
  );
}
