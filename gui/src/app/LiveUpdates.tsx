import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState } from 'react';

import { paths } from '@/config/paths';
import { projectsQuery } from '@/features/projects/api/getProjects';
import { schedulerKey } from '@/features/queue/api/scheduler';
import { followEvents, type FeedState } from '@/lib/eventFeed';
import { facetsQuery } from '@/lib/getFacets';
import { jobKey } from '@/lib/getJob';
import { jobsKey } from '@/lib/getJobPage';
import { Refresher } from '@/lib/refresher';
import type { ServerEvent } from '@/types/api';

const FeedContext = createContext<FeedState>('connecting');

/** Return the state of the connection to the server's events. */
export function useFeedState(): FeedState {
  return useContext(FeedContext);
}

/** Return the keys of what an event has made out of date. */
export function keysTouchedBy(event: ServerEvent): QueryKey[] {
  const keys: QueryKey[] = [jobKey(event.job_id)];
  // A job that moved is gone from a project that the event does not name.
  keys.push(event.kind === 'job.moved' ? jobsKey() : jobsKey(event.project));
  keys.push(['searches', event.project]);
  if (event.kind !== 'job.logged') {
    keys.push(projectsQuery().queryKey, schedulerKey(), facetsQuery(event.project).queryKey);
  }
  return keys;
}

/** Keeps all that the page shows up to date with the server's events. */
export function LiveUpdates({ children }: { children: React.ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<FeedState>('connecting');

  useEffect(() => {
    const refresher = new Refresher<QueryKey>(
      (queryKey) => client.invalidateQueries({ queryKey }),
      (queryKey) => JSON.stringify(queryKey),
    );
    return followEvents(paths.events, {
      onReturn: () => {
        refresher.ask([]);
      },
      onEvent: (event) => {
        keysTouchedBy(event).forEach((key) => {
          refresher.ask(key);
        });
      },
      onState: setState,
    });
  }, [client]);

  return <FeedContext value={state}>{children}</FeedContext>;
}
