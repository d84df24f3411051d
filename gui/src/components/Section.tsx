import { useId } from 'react';

import { formatCount } from '@/lib/values';

import classes from './Section.module.css';

interface SectionProps {
  title: string;
  count?: number;
  /** Where links such as #log lead. */
  anchor?: string;
  /** Controls at the end of the title's line. */
  controls?: React.ReactNode;
  children: React.ReactNode;
}

/** A part of the page under a title of its own. */
export function Section({ title, count, anchor, controls, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} id={anchor}>
      <div className={classes.line}>
        <h2 className={classes.title} id={id}>
          {title}
          {count !== undefined && count > 0 && <span className={classes.count}> {formatCount(count)}</span>}
        </h2>
        {controls}
      </div>
      {children}
    </section>
  );
}
