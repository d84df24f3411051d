import { Fragment, useEffect } from 'react';

import { plainText } from '@/lib/values';

import { Icon } from './Icon';
import { Name } from './Name';
import classes from './PageHead.module.css';

interface PageHeadProps {
  title: string;
  /** Shown in place of the plain title, for example with a button beside it. */
  heading?: React.ReactNode;
  /** Links to what this page is part of, outermost first. */
  trail?: React.ReactNode[];
  /** Facts below the title. */
  facts?: React.ReactNode;
  /** Whether all of it shares one line where there is room, for a page whose content needs the height. */
  isLow?: boolean;
  /** Controls at the end of the line. */
  children?: React.ReactNode;
}

/** The head of a page: where one is, what this is, and what one can do. Names the browser's tab too. */
export function PageHead({ title, heading, trail = [], facts, isLow = false, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${plainText(title)} · Atlas`;
  }, [title]);
  return (
    <header className={classes.head} data-low={isLow || undefined}>
      {trail.length > 0 && (
        <nav aria-label="Where you are" className={classes.trail}>
          {trail.map((link, index) => (
            <Fragment key={index}>
              {index > 0 && <Icon name="chevron" size={11} />}
              {link}
            </Fragment>
          ))}
        </nav>
      )}
      <div className={classes.line}>
        <h1 className={classes.title} title={isLow ? title : undefined}>
          {heading ?? <Name>{title}</Name>}
        </h1>
        {isLow && facts && <div className={classes.facts}>{facts}</div>}
        {children && <div className={classes.controls}>{children}</div>}
      </div>
      {!isLow && facts && <div className={classes.facts}>{facts}</div>}
    </header>
  );
}
