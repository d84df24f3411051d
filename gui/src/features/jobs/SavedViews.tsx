import { ActionIcon, Button, Popover, TextInput } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useState } from 'react';

import { Icon } from '@/components/Icon';
import { copyText } from '@/lib/clipboard';

import classes from './SavedViews.module.css';
import { changedSearch, type TableSearch } from './tableSearch';

interface SavedView {
  name: string;
  search: TableSearch;
}

interface SavedViewsProps {
  project: string;
  search: TableSearch;
  onChoose: (search: TableSearch) => void;
}

/**
 * Names for what the table shows: its filter, order, columns, groups and axes.
 *
 * All of that is in the address, so a link says it to everybody; the names are this browser's own.
 */
export function SavedViews({ project, search, onChoose }: SavedViewsProps) {
  const [views, setViews] = useLocalStorage<SavedView[]>({
    key: `views of ${project}`,
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  const [isOpen, setOpen] = useState(false);
  const current = views.find((view) => isSame(view.search, search));
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
          {current ? `View: ${current.name}` : 'Views'}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Views" className={classes.panel ?? ''}>
        <ViewList
          views={views}
          current={current}
          onChoose={(view) => {
            onChoose(view.search);
            setOpen(false);
          }}
          onForget={(view) => {
            setViews(views.filter((each) => each !== view));
          }}
        />
        <NameForm
          onName={(name) => {
            setViews([...views.filter((view) => view.name !== name), { name, search }]);
            setOpen(false);
          }}
        />
        <CopyLink />
      </Popover.Dropdown>
    </Popover>
  );
}

interface ViewListProps {
  views: SavedView[];
  current: SavedView | undefined;
  onChoose: (view: SavedView) => void;
  onForget: (view: SavedView) => void;
}

function ViewList({ views, current, onChoose, onForget }: ViewListProps) {
  if (views.length === 0) return <p className={classes.none}>No view has a name yet.</p>;
  return (
    <ul>
      {views.map((view) => (
        <ViewLine
          key={view.name}
          view={view}
          isCurrent={view === current}
          onChoose={() => {
            onChoose(view);
          }}
          onForget={() => {
            onForget(view);
          }}
        />
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

interface ViewLineProps {
  view: SavedView;
  isCurrent: boolean;
  onChoose: () => void;
  onForget: () => void;
}

function ViewLine({ view: { name }, isCurrent, onChoose, onForget }: ViewLineProps) {
  return (
    <li className={classes.line}>
      <button type="button" className={classes.name} aria-current={isCurrent} onClick={onChoose}>
        {name}
      </button>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={`Forget the view ${name}`}
        onClick={onForget}
      >
        <Icon name="cross" size={12} />
      </ActionIcon>
    </li>
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

function isSame(one: TableSearch, other: TableSearch): boolean {
  const told = (search: TableSearch) => JSON.stringify(changedSearch({}, search));
  return told(one) === told(other);
}
