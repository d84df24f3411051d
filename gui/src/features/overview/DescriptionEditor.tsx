import { Button, Skeleton } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';

import { Refusal } from '@/components/Refusal';
import { useAuthor } from '@/lib/author';

import { useDescribe, type Description } from './api/description';
import classes from './OverviewPage.module.css';

const Markdown = lazy(() => import('./Markdown').then((page) => ({ default: page.Markdown })));

interface DescriptionEditorProps {
  project: string;
  description: Description;
  onClose: () => void;
}

/** Writes the description, with what it will look like beside it. What is written stays until it is saved. */
export function DescriptionEditor({ project, description, onClose }: DescriptionEditorProps) {
  // Where the writer began: a text that somebody else saves meanwhile must not be lost unseen.
  const [before] = useState(description.text);
  const [text, setText] = useState(description.text);
  const describe = useDescribe(project);
  const author = useAuthor();
  const save = (): void => {
    describe.mutate({ text, author, replaces: before }, { onSuccess: onClose });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Refusal title="The description was not saved" error={describe.error} onDismiss={describe.reset} />
      <div className={classes.halves}>
        <textarea
          className={classes.text}
          aria-label="Description, in Markdown"
          placeholder="Type something..."
          rows={14}
          autoFocus
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
          }}
        />
        <div className={classes.card} aria-label="Preview" role="region">
          <Suspense fallback={<Skeleton height={90} />}>
            <Markdown text={text || '*What you type appears here.*'} />
          </Suspense>
        </div>
      </div>
      <div className={classes.actions} style={{ marginTop: 10 }}>
        <Button type="submit" size="xs" loading={describe.isPending} disabled={text === before}>
          Save
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          Cancel
        </Button>
        <span className={classes.by}>Markdown; Ctrl and Enter save</span>
      </div>
    </form>
  );
}
