import { ActionIcon, Button, Popover, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Icon } from '@/components/Icon';
import { Name } from '@/components/Name';
import { useAuthor } from '@/lib/author';
import { copyText } from '@/lib/clipboard';
import { formatFullMoment } from '@/lib/time';
import type { View } from '@/types/api';

import { useForgetView, useKeepView } from './api/views';
import classes from './SavedViews.module.css';
import { isSameSearch, parseTableSearch, type TableSearch } from './tableSearch';
import { useViews } from './useViews';

interface SavedViewsProps {
  project: string;
  search: TableSearch;
}

/**
 * Names for what the table shows: its filter, order, columns, groups and axes.
 *
 * All of that is in the address, so a link says it to everybody; the names are kept on the server, for everybody too.
 */
export function SavedViews({ project, search }: SavedViewsProps) {
  const { data: views = [], error } = useViews(project);
  const keep = useKeepView(project);
  const forget = useForgetView(project);
  const author = useAuthor();
  const [isOpen, setOpen] = useState(false);
  const current = views.find((view) => isSameSearch(parseTableSearch(view.search), search));
  const problem = keep.error ?? forget.error ?? error;
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          <CurrentView view={current} />
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Views" className={classes.panel ?? ''}>
        {views.length === 0 && (
          <p className={classes.none}>
            No view has a name yet. Everybody who sees this project sees its views.
          </p>
        )}
        <ViewList
          project={project}
          views={views}
          current={current}
          onChoose={() => {
            setOpen(false);
          }}
          onForget={({ name }) => {
            forget.mutate(name);
          }}
        />
        {problem && (
          <p className={classes.problem} role="alert">
            {problem.message}
          </p>
        )}
        <NameForm
          onName={(name) => {
            keep.mutate({ name, search, author });
          }}
        />
        <CopyLink />
      </Popover.Dropdown>
    </Popover>
  );
}

function CurrentView({ view }: { view: View | undefined }) {
  if (!view) return 'Views';
  return (
    <span className={classes.current}>
      <span className={classes.prefix}>View:</span> <Name>{view.name}</Name>
    </span>
  );
}

interface ViewListProps {
  project: string;
  views: View[];
  current: View | undefined;
  onChoose: () => void;
  onForget: (view: View) => void;
}

function ViewList({ project, views, current, onChoose, onForget }: ViewListProps) {
  return (
    <ul className={classes.list}>
      {views.map((view) => (
        <li key={view.name} className={classes.line}>
          <Link
            to="/projects/$project/job_listing"
            params={{ project }}
            search={parseTableSearch(view.search)}
            replace
            className={classes.name}
            aria-current={view === current}
            title={`Kept by ${view.author}, ${formatFullMoment(view.time * 1000)}`}
            onClick={onChoose}
          >
            <Name>{view.name}</Name>
          </Link>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label={`Forget the view ${view.name}`}
            onClick={() => {
              onForget(view);
            }}
          >
            <Icon name="cross" size={12} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}

function CopyLink() {
  const [words, setWords] = useState('Copy a link to this view');
  const copy = async (): Promise<void> => {
    setWords((await copyText(window.location.href)) ? 'Copied' : 'The browser did not allow it');
  };
  return (
    <Button size="xs" variant="default" fullWidth onClick={() => void copy()}>
      {words}
    </Button>
  );
}

function NameForm({ onName }: { onName: (name: string) => void }) {
  const [name, setName] = useState('');
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) onName(name.trim());
        setName('');
      }}
    >
      <TextInput
        size="xs"
        aria-label="Name of this view"
        placeholder="Name of this view"
        maxLength={100}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <Button size="xs" type="submit" disabled={!name.trim()}>
        Save
      </Button>
    </form>
  );
}
