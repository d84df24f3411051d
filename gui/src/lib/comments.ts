import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import type { Note } from '@/types/people';

import { getJson, send } from './request';

/** Milliseconds between two readings: no event tells of a comment. */
const PACE = 15_000;
/** A comment on a job is a comment of its project that begins with the job's name. */
const ON_JOB = /^Job ([\w.-]+): /;

/** What somebody wrote about a project, or about one of its jobs. */
export interface Comment {
  author: string;
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** The job that it is about. */
  jobId: string | undefined;
}

function notesQuery(project: string) {
  return queryOptions({
    queryKey: ['comments', project],
    queryFn: ({ signal }) => getJson<Note[]>(paths.comments(project), signal),
    refetchInterval: PACE,
  });
}

/** What people wrote about a project and its jobs, or about one job alone; newest first. */
export function commentsQuery(project: string, jobId?: string) {
  return queryOptions({
    ...notesQuery(project),
    select: (notes) =>
      notes
        .map(commentOf)
        .filter((comment) => jobId === undefined || comment.jobId === jobId)
        .reverse(),
  });
}

/** Write about a project, or about one of its jobs. It is shown at once, and taken back if the server refuses. */
export function useAddComment(project: string, jobId?: string) {
  const client = useQueryClient();
  const { queryKey } = notesQuery(project);
  return useMutation({
    mutationFn: (note: Pick<Note, 'author' | 'message'>) =>
      send('POST', paths.comments(project), { ...note, message: messageOn(jobId, note.message) }),
    onMutate: async ({ author, message }) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData(queryKey);
      const note = { author, message: messageOn(jobId, message), time: Date.now() / 1000 };
      client.setQueryData(queryKey, [...(before ?? []), note]);
      return before;
    },
    onError: (_error, _note, before) => {
      client.setQueryData(queryKey, before);
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
}

function commentOf({ author, message, time }: Note): Comment {
  const [beginning = '', jobId] = ON_JOB.exec(message) ?? [];
  return { author, text: message.slice(beginning.length), at: time * 1000, jobId };
}

function messageOn(jobId: string | undefined, message: string): string {
  return jobId === undefined ? message : `Job ${jobId}: ${message}`;
}
