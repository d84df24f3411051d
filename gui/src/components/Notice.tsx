import { Button } from '@mantine/core';

import { keepWantedPage, loginPath } from '@/lib/login';
import { RequestError } from '@/lib/request';

import classes from './Notice.module.css';

interface NoticeProps {
  title: string;
  children?: React.ReactNode;
  /** `alert` tells a screen reader at once. */
  role?: 'alert' | 'status';
}

/** What a list or page says when it has nothing to show: what is so, and the next step. */
export function Notice({ title, children, role }: NoticeProps) {
  return (
    <div className={classes.notice} role={role}>
      <h2 className={classes.title}>{title}</h2>
      {children}
    </div>
  );
}

interface FailureProps {
  /** What could not be done, as in "The jobs could not be read". */
  title: string;
  error: Error;
  onRetry: () => void;
}

/** A request that failed: what, why, and a way to try again. */
export function Failure({ title, error, onRetry }: FailureProps) {
  return (
    <Notice title={title} role="alert">
      <p className={classes.text}>{error.message}</p>
      {error instanceof RequestError && error.status === 0 && (
        <p className={classes.text}>
          <code>atlas-server status</code> says what runs; the page goes on by itself once the server is back.
        </p>
      )}
      {error instanceof RequestError && error.status === 401 ? (
        <Button component="a" href={loginPath()} onClick={keepWantedPage} size="xs">
          Log in
        </Button>
      ) : (
        <Button variant="default" size="xs" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Notice>
  );
}
