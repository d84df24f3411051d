import { keepPreviousData, queryOptions, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';

import { paths } from '@/config/paths';
import { jobsKey, readJobPage } from '@/lib/getJobPage';
import type { JobPage, JobSummary } from '@/types/api';

/** Rows of one request: more than a screen shows. */
const PAGE = 60;
/** Milliseconds for which a page that is out of sight is kept. */
const KEPT = 60_000;
/** Jobs of one request, at most. */
const MOST = 10_000;

/** Which jobs a table shows, in which order, and what of each. */
export interface JobQuery {
  project: string;
  /** In the server's language. */
  filter: string;
  sort: string;
  /** What a row shows, as the server names it; "" is everything. */
  fields: string;
}

export function pageQuery(query: JobQuery, page: number) {
  const { project, filter, sort, fields } = query;
  return queryOptions({
    queryKey: [...jobsKey(project), 'page', { filter, sort, fields }, page],
    queryFn: ({ signal }) => readJobPage(paths.jobPage(project, query, page * PAGE, PAGE), signal),
    gcTime: KEPT,
  });
}

/** The jobs of a query: those in sight are read, and read again as they change. */
export interface JobWindow {
  /** Jobs of the query, in sight or not. */
  total: number;
  /** Return a job by its place; undefined while it is being read. */
  jobAt: (place: number) => JobSummary | undefined;
  /** When the job at a place was read, in milliseconds since the epoch. */
  readAt: (place: number) => number;
  /** Say which places are in sight. */
  look: (first: number, last: number) => void;
}

/**
 * The jobs of a query, page by page as they come into sight.
 *
 * When the query changes, the jobs of the one before stay until the first page of the new one is here: a table that
 * flashes empty at each letter cannot be read.
 */
export function useJobWindow(wanted: JobQuery) {
  const head = useQuery(pageQuery(wanted, 0));
  const [good, setGood] = useState(wanted);
  if (head.data && !isSame(good, wanted)) setGood(wanted);
  const shown = head.data ? wanted : good;
  const [sight, setSight] = useState<readonly [number, number]>([0, 0]);
  const pages = useQueries({
    queries: pagesOf(sight).map((page) => ({ ...pageQuery(shown, page), placeholderData: keepPreviousData })),
    combine: (answers) => answers.map(({ data, dataUpdatedAt }) => ({ data, at: dataUpdatedAt })),
  });
  const client = useQueryClient();
  const first = pagesOf(sight)[0] ?? 0;
  const answerOf = (place: number) => pages[Math.floor(place / PAGE) - first];
  const look = useCallback((from: number, to: number) => {
    const next = [Math.floor(from / PAGE), Math.floor(to / PAGE)] as const;
    setSight((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
  }, []);
  const whole = head.data ?? client.getQueryData<JobPage>(pageQuery(shown, 0).queryKey);
  const window: JobWindow | undefined = whole && {
    total: whole.total,
    jobAt: (place) => answerOf(place)?.data?.jobs[place % PAGE],
    readAt: (place) => answerOf(place)?.at ?? 0,
    look,
  };
  /** Why there is no answer to the query; the jobs are those of the one before. */
  const unanswered = head.data ? null : head.error;
  return {
    window,
    unanswered,
    error: head.error,
    isReading: head.isFetching && !head.data,
    refetch: head.refetch,
  };
}

function isSame(one: JobQuery, other: JobQuery): boolean {
  return (['project', 'filter', 'sort', 'fields'] as const).every((part) => one[part] === other[part]);
}

function pagesOf([first, last]: readonly [number, number]): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Milliseconds between two readings of all jobs, and so many jobs take ten times as long. */
const AGAIN = 4000;
const MANY = 1500;

/**
 * All jobs of a filter with a few fields of each: what is drawn or counted as a whole.
 *
 * Read again at a calm pace, and not at each event: of a busy project that would be each second.
 */
export function allJobsQuery(project: string, filter: string, fields: string) {
  const query = { filter, sort: '', fields };
  return queryOptions({
    queryKey: ['all_jobs', project, query],
    queryFn: ({ signal }) => readJobPage(paths.jobPage(project, query, 0, MOST), signal),
    // Ten thousand jobs compared with ten thousand others, value by value, is slower than drawing them.
    structuralSharing: false,
    gcTime: KEPT,
    refetchInterval: ({ state }) => ((state.data?.total ?? 0) > MANY ? AGAIN * 10 : AGAIN),
  });
}
