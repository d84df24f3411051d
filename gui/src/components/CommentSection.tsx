import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { useAuthor } from '@/lib/author';
import { commentsQuery, useAddComment, type Comment } from '@/lib/comments';
import { useDraft } from '@/lib/drafts';

import classes from './CommentSection.module.css';
import { Hint } from './Hint';
import { JobLink } from './JobLink';
import { Moment } from './Moment';
import { Refusal } from './Refusal';
import { Section } from './Section';

interface CommentSectionProps {
  project: string;
  /** Shows what is about this job alone. */
  jobId?: string;
}

/** What people wrote about a project and its jobs, or about one job; and a field to write more. */
export function CommentSection({ project, jobId }: CommentSectionProps) {
  const { data: comments, error } = useQuery(commentsQuery(project, jobId));
  return (
    <Section title="Comments" count={comments?.length ?? 0} anchor="comments">
      <CommentForm key={jobId ?? project} project={project} jobId={jobId} />
      <div className={classes.none}>
        {error && <Hint>The comments could not be read. {error.message}</Hint>}
        {comments?.length === 0 && <Hint>No comments yet, try adding one!</Hint>}
      </div>
      <ul className={classes.list}>
        {comments?.map((comment, index) => (
          <Entry key={index} comment={comment} jobOf={jobId === undefined ? project : undefined} />
        ))}
      </ul>
    </Section>
  );
}

function CommentForm({ project, jobId }: { project: string; jobId: string | undefined }) {
  const { value: text, keep, drop, now } = useDraft(`a comment on ${jobId ?? project}`, '');
  const author = useAuthor();
  const add = useAddComment(project, jobId);
  const send = (): void => {
    // Also a writer who has gone on to another page meanwhile has no draft left once it is said; one who wrote on has.
    const dropSent = (): void => {
      if (now() === text) drop();
    };
    add.mutateAsync({ author, message: text.trim() }).then(dropSent, () => undefined);
  };
  return (
    <>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <textarea
          className={classes.text}
          rows={2}
          aria-label="Comment"
          placeholder="Add a comment..."
          value={text}
          onChange={(event) => {
            if (event.currentTarget.value === '') drop();
            else keep(event.currentTarget.value);
          }}
        />
        <Button type="submit" size="xs" variant="default" disabled={text.trim() === '' || add.isPending}>
          Add comment
        </Button>
      </form>
      <Refusal title="The comment could not be added" error={add.error} onDismiss={add.reset} />
    </>
  );
}

interface EntryProps {
  comment: Comment;
  /** The project whose job the comment is to name. */
  jobOf: string | undefined;
}

function Entry({ comment: { author, text, at, jobId }, jobOf }: EntryProps) {
  return (
    <li className={classes.comment}>
      <p className={classes.head}>
        <strong>{author}</strong>
        <Moment at={at} />
        {jobId !== undefined && jobOf !== undefined && (
          <span>
            on job <JobLink project={jobOf} jobId={jobId} />
          </span>
        )}
      </p>
      <p className={classes.said}>{text}</p>
    </li>
  );
}
