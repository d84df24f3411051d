import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Moment } from '@/components/Moment';
import { Refusal } from '@/components/Refusal';
import { Section } from '@/components/Section';
import { useAuthor } from '@/lib/author';

import { notesQuery, useAddNote, type Note } from './api/notes';
import classes from './OverviewPage.module.css';

/** What people wrote about the project, newest first. */
export function CommentSection({ project }: { project: string }) {
  const [message, setMessage] = useState('');
  const author = useAuthor();
  const { data: notes, error } = useQuery(notesQuery(project));
  const add = useAddNote(project);
  return (
    <Section title="Comments" count={notes?.length ?? 0}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate({ author, message: message.trim() });
          setMessage('');
        }}
      >
        <textarea
          className={`${classes.text ?? ''} ${classes.comment ?? ''}`}
          rows={3}
          aria-label="Comment"
          placeholder="Add a comment..."
          value={message}
          onChange={(event) => {
            setMessage(event.currentTarget.value);
          }}
        />
        <Button type="submit" size="xs" variant="default" mt={6} mb={10} disabled={message.trim() === ''}>
          Add note
        </Button>
      </form>
      <Refusal title="The comment was not added" error={add.error} onDismiss={add.reset} />
      {error && <p className={classes.empty}>The comments could not be read. {error.message}</p>}
      {notes?.length === 0 && <p className={classes.empty}>No comments yet, try adding one!</p>}
      <ul className={classes.list}>
        {[...(notes ?? [])].reverse().map((note, index) => (
          <Entry key={index} note={note} />
        ))}
      </ul>
    </Section>
  );
}

function Entry({ note: { date, author, message } }: { note: Note }) {
  // As the server's own clock has it: a moment without a zone cannot be turned into the reader's.
  const moment = Date.parse(date.replace(' ', 'T'));
  return (
    <li>
      <p className={classes.by}>
        {author}
        {!Number.isNaN(moment) && (
          <>
            , <Moment at={moment} />
          </>
        )}
      </p>
      <p className={classes.message}>{message}</p>
    </li>
  );
}
