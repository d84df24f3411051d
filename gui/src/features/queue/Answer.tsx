import { Button, Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';

import classes from './Answer.module.css';

interface AnswerProps<Data> {
  query: UseQueryResult<Data>;
  /** What is read, as in "the machines". */
  what: string;
  children: (data: Data) => React.ReactNode;
}

/** What a request brought, or that it is under way, or why it failed and a way to try again. */
export function Answer<Data>({ query, what, children }: AnswerProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) {
    return (
      <div role="status" aria-label={`Reading ${what}`}>
        <Skeleton height={72} radius="md" />
      </div>
    );
  }
  return (
    <div className={classes.failed} role="alert">
      <p>
        Could not read {what}. {query.error?.message}
      </p>
      <Button size="compact-xs" variant="default" onClick={() => void query.refetch()}>
        Try again
      </Button>
    </div>
  );
}
