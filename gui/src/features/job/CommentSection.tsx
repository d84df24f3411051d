import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Moment } from '@/components/Moment';
import { Refusal } from '@/components/Refusal';
import { Section } from '@/components/Section';
import { useAuthor } from '@/lib/author';
import type { Job } from '@/types/api';

import { commentsQuery, useAddComment, type Comment } from './api/comments';
import classes from './CommentSection.module.css';

/** What people wrote about the job. */
export function CommentSection({ job: { project, job_id: jobId } }: { job: Job }) {
  const [text, setText] = useState('');
  const author = useAuthor();
  const { data: comments = [], error } = useQuery(commentsQuery(project, jobId));
  const add = useAddComment(project, jobId);
  return (
    <Section title="Comments" count={comments.length} anchor="comments">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(
            { author, text: text.trim() },
            {
              onSuccess: () => {
                setText('');
              },
            },
          );
        }}
      >
        <textarea
          className={classes.text}
          rows={2}
          aria-label="Comment"
          placeholder="Add a comment..."
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
        />
        <Button type="submit" size="xs" variant="default" disabled={text.trim() === '' || add.isPending}>
          Add comment
        </Button>
      </form>
      <Refusal title="The comment could not be added" error={add.error} onDismiss={add.reset} />
      {error && <p className={classes.none}>The comments could not be read. {error.message}</p>}
      <ul className={classes.list}>
        {comments.map((comment, index) => (
          <Entry key={index} comment={comment} />
        ))}
      </ul>
    </Section>
  );
}

function Entry({ comment: { author, text, at } }: { comment: Comment }) {
  return (
    <li className={classes.comment}>
      <p className={classes.head}>
        <strong>{author}</strong>
        <Moment at={at} />
      </p>
      <p className={classes.said}>{text}</p>
    </li>
  );
}
