import { Button, Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';

import { Refusal } from '@/components/Refusal';
import { useAuthor } from '@/lib/author';
import { useDraft } from '@/lib/drafts';

import { draftOf, useDescribe, type Description } from './api/description';
import { DescriptionConflict } from './DescriptionConflict';
import classes from './OverviewPage.module.css';

const Markdown = lazy(() => import('@/components/Markdown').then((page) => ({ default: page.Markdown })));

interface DescriptionEditorProps {
  project: string;
  description: Description;
  onClose: () => void;
}

/** Writes the description, with what it will look like beside it. What is written stays until it is saved. */
export function DescriptionEditor({ project, description, onClose }: DescriptionEditorProps) {
  const { text, before, write, save, close, describe } = useWriting(project, description, onClose);
  const isTheirs = !describe.isPending && description.text !== before && description.text !== text;
  const canSave = !describe.isPending && text !== before && !isTheirs;
  const saveChanged = (): void => {
    if (canSave) save(before);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saveChanged();
      }}
    >
      <Refusal
        title="The description was not saved"
        error={isTheirs ? null : describe.error}
        onDismiss={describe.reset}
      />
      {isTheirs && (
        <DescriptionConflict
          theirs={description}
          onSaveMine={() => {
            save(description.text);
          }}
          onTakeBoth={() => {
            write(`${description.text}\n\n${text}`, description.text);
          }}
        />
      )}
      <Halves
        text={text}
        onWrite={(next) => {
          write(next, before);
        }}
        onSave={saveChanged}
      />
      <div className={classes.actions} style={{ marginTop: 10 }}>
        <Button type="submit" size="xs" loading={describe.isPending} disabled={!canSave}>
          Save
        </Button>
        <Button size="xs" variant="default" onClick={close}>
          Cancel
        </Button>
        <span className={classes.by}>Markdown; Ctrl and Enter save</span>
      </div>
    </form>
  );
}

function useWriting(project: string, description: Description, onClose: () => void) {
  // Where the writer began: a text that somebody else saves meanwhile must not be lost unseen.
  const draft = useDraft(draftOf(project), { text: description.text, before: description.text });
  const { text, before } = draft.value;
  const describe = useDescribe(project);
  const author = useAuthor();
  const close = (): void => {
    draft.drop();
    onClose();
  };
  const settle = (saved: string): void => {
    const written = draft.now();
    if (written === undefined || written.text === saved) close();
    // What was written while the text was on its way goes on from there.
    else draft.keep({ text: written.text, before: saved });
  };
  return {
    text,
    before,
    describe,
    close,
    write: (next: string, replaced: string) => {
      draft.keep({ text: next, before: replaced });
    },
    save: (replaces: string) => {
      // Also a writer who has gone on to another page meanwhile has no draft left once the text is saved.
      describe.mutateAsync({ text, author, replaces }).then(
        () => {
          settle(text);
        },
        () => undefined,
      );
    },
  };
}

interface HalvesProps {
  text: string;
  onWrite: (text: string) => void;
  onSave: () => void;
}

/** What is written, and what it will look like. */
function Halves({ text, onWrite, onSave }: HalvesProps) {
  return (
    <div className={classes.halves}>
      <textarea
        className={classes.text}
        aria-label="Description, in Markdown"
        placeholder="Type something..."
        rows={14}
        autoFocus
        value={text}
        onChange={(event) => {
          onWrite(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSave();
        }}
      />
      <div className={classes.card} aria-label="Preview" role="region">
        <Suspense fallback={<Skeleton height={90} />}>
          <Markdown text={text || '*What you type appears here.*'} />
        </Suspense>
      </div>
    </div>
  );
}
