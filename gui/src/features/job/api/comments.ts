import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson, send } from '@/lib/request';
import type { Note } from '@/types/people';

/** Milliseconds between two readings: no event tells of a comment. */
const PACE = 15_000;

/** What somebody wrote about a job. It is a comment of its project that begins with the job's name. */
export interface Comment {
  author: string;
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
}

export function commentsQuery(project: string, jobId: string) {
  return queryOptions({
    queryKey: ['comments', project],
    queryFn: ({ signal }) => getJson<Note[]>(paths.comments(project), signal),
    select: (notes) => commentsOn(jobId, notes),
    refetchInterval: PACE,
  });
}

/** Write about the job. */
export function useAddComment(project: string, jobId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ author, text }: { author: string; text: string }) =>
      send('POST', paths.comments(project), { author, message: `${beginning(jobId)}${text}` }),
    onSettled: () => client.invalidateQueries({ queryKey: ['comments', project] }),
  });
}

/** Return what the project's comments say about the job, newest first. */
export function commentsOn(jobId: string, notes: Note[]): Comment[] {
  const start = beginning(jobId);
  return notes
    .filter(({ message }) => message.startsWith(start))
    .map(({ author, message, time }) => ({
      author,
      text: message.slice(start.length),
      at: time * 1000,
    }))
    .reverse();
}

function beginning(jobId: string): string {
  return `Job ${jobId}: `;
}
