import { Modal } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useId, useState } from 'react';

import { Icon } from '@/components/Icon';
import { Name } from '@/components/Name';
import { paths } from '@/config/paths';
import { projectsQuery } from '@/features/projects/api/getProjects';
import { getJson } from '@/lib/request';
import type { JobMatch } from '@/types/people';

import { matching, placesOf, type Command } from './commands';
import classes from './Palette.module.css';

/** Jobs that are offered, and letters of an id that are enough to look for it. */
const JOBS = 8;
const ENOUGH = 3;

interface PaletteProps {
  /** What can be done beside going somewhere. */
  actions: Command[];
  onClose: () => void;
}

/** A field in which everything is found: pages, projects, jobs by the beginning of their id, and what can be done. */
export default function Palette({ actions, onClose }: PaletteProps) {
  const [typed, setTyped] = useState('');
  const [place, setPlace] = useState(0);
  const list = useId();
  const commands = useCommands(typed, actions);
  const chosen = commands[Math.min(place, commands.length - 1)];
  const run = (command: Command | undefined): void => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = useListKeys(commands.length, place, setPlace, () => {
    run(chosen);
  });
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={560}
      yOffset="12vh"
      aria-label="Go to"
    >
      <label className={classes.field}>
        <Icon name="search" size={15} />
        <input
          data-autofocus
          className={classes.input}
          role="combobox"
          aria-expanded
          aria-controls={list}
          aria-activedescendant={chosen && `${list} ${chosen.id}`}
          aria-label="Go to a page, a project or a job"
          placeholder="Go to a page, a project, a job…"
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setPlace(0);
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <ul id={list} role="listbox" aria-label="Found" className={classes.list}>
        {commands.map((command) => (
          <Entry
            key={command.id}
            id={`${list} ${command.id}`}
            command={command}
            isChosen={command === chosen}
            onRun={() => {
              run(command);
            }}
          />
        ))}
      </ul>
      {commands.length === 0 && <NothingFound />}
    </Modal>
  );
}

/** Listen to the keys that go through a list of `count`, and to the one that chooses. */
function useListKeys(count: number, place: number, setPlace: (place: number) => void, onChoose: () => void) {
  const go = (step: number): void => {
    setPlace(count > 0 ? (place + step + count) % count : 0);
  };
  return (event: React.KeyboardEvent): void => {
    if (event.key === 'ArrowDown') go(1);
    else if (event.key === 'ArrowUp') go(-1);
    else if (event.key === 'Enter') onChoose();
    else return;
    event.preventDefault();
  };
}

function NothingFound() {
  return <p className={classes.none}>Nothing is called so. A job is found by the beginning of its id.</p>;
}

interface EntryProps {
  id: string;
  command: Command;
  isChosen: boolean;
  onRun: () => void;
}

function Entry({ id, command: { kind, title, note }, isChosen, onRun }: EntryProps) {
  return (
    <li
      id={id}
      role="option"
      aria-selected={isChosen}
      className={classes.entry}
      ref={(element) => {
        if (isChosen) element?.scrollIntoView({ block: 'nearest' });
      }}
      onClick={onRun}
    >
      <span className={classes.title}>
        <Name>{title}</Name>
      </span>
      {note && (
        <span className={classes.note}>
          <Name>{note}</Name>
        </span>
      )}
      <span className={classes.kind}>{kind}</span>
    </li>
  );
}

function useCommands(typed: string, actions: Command[]): Command[] {
  const navigate = useNavigate();
  const prefix = useDeferredValue(typed.trim());
  const { data: projects = [] } = useQuery(projectsQuery());
  const { data: jobs = [] } = useQuery({
    queryKey: ['job_prefix', prefix],
    queryFn: async ({ signal }) =>
      (await getJson<{ jobs: JobMatch[] }>(paths.jobsByPrefix(prefix, JOBS), signal)).jobs,
    enabled: prefix.length >= ENOUGH,
    placeholderData: keepPreviousData,
  });
  const [pages, rest] = [placesOf(navigate, projects, jobs), actions];
  return matching([...pages, ...rest], typed);
}
