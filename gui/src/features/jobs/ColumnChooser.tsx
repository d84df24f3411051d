import { ActionIcon, Button, Popover, TextInput } from '@mantine/core';
import { useState } from 'react';

import { Icon } from '@/components/Icon';
import { Select } from '@/components/Select';
import { plainText } from '@/lib/values';

import { changed, restated, shifted, toggled, type ColumnChoice } from './columnChoice';
import classes from './ColumnChooser.module.css';
import { STATISTICS } from './ColumnMenu';
import { splitStatistic, type KnownColumn, type ShownStatistic } from './knownColumns';

interface ColumnChooserProps {
  known: KnownColumn[];
  choice: ColumnChoice[];
  /** undefined is what is shown until somebody chooses. */
  onChoice: (choice: ColumnChoice[] | undefined) => void;
}

/** Chooses the columns: which, in which order, which stay in sight, and what of each metric. */
export function ColumnChooser({ known, choice, onChoice }: ColumnChooserProps) {
  const [search, setSearch] = useState('');
  const words = search.toLowerCase();
  const shown = new Map(choice.map((column) => [splitStatistic(column.id).id, column]));
  const byId = new Map(known.map((column) => [column.id, column]));
  const listed = [
    ...choice.map(({ id }) => byId.get(splitStatistic(id).id)).filter((column) => column !== undefined),
    ...known.filter(({ id }) => !shown.has(id)),
  ].filter(({ header }) => header.toLowerCase().includes(words));
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" size="xs">
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.panel ?? ''} aria-label="Columns">
        <TextInput
          size="xs"
          type="search"
          aria-label="Find a column"
          placeholder="Find a column"
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
          }}
        />
        <ul className={classes.list}>
          {listed.map((column) => (
            <ColumnLine
              key={column.id}
              column={column}
              chosen={shown.get(column.id)}
              onToggle={() => {
                onChoice(toggled(choice, column.id, known));
              }}
              onShift={(id, step) => {
                onChoice(shifted(choice, id, step));
              }}
              onPin={(id, isPinned) => {
                onChoice(changed(choice, id, { isPinned }));
              }}
              onStatistic={(id, statistic) => {
                onChoice(restated(choice, id, statistic));
              }}
            />
          ))}
        </ul>
        <Shortcuts
          onAll={() => {
            onChoice(undefined);
          }}
          onFew={() => {
            onChoice(choice.filter(({ id }) => id === 'job_id' || id === 'status'));
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Shortcuts({ onAll, onFew }: { onAll: () => void; onFew: () => void }) {
  return (
    <div className={classes.actions}>
      <Button size="compact-xs" variant="default" onClick={onAll}>
        Show all
      </Button>
      <Button size="compact-xs" variant="default" onClick={onFew}>
        Show few
      </Button>
    </div>
  );
}

interface ColumnLineProps {
  column: KnownColumn;
  /** undefined when it is not shown. */
  chosen: ColumnChoice | undefined;
  onToggle: () => void;
  onShift: (id: string, step: 1 | -1) => void;
  onPin: (id: string, isPinned: boolean) => void;
  onStatistic: (id: string, statistic: ShownStatistic) => void;
}

function ColumnLine({ column, chosen, onToggle, onShift, onPin, onStatistic }: ColumnLineProps) {
  const { header, group, isNumber } = column;
  return (
    <li className={classes.line}>
      <label className={classes.name} title={header}>
        <input type="checkbox" checked={chosen !== undefined} onChange={onToggle} />
        <bdi>{plainText(header)}</bdi>
      </label>
      {chosen && group === 'metrics' && isNumber && (
        <Select
          label={`Statistic of ${header}`}
          isLabelHidden
          size="xs"
          value={splitStatistic(chosen.id).statistic}
          options={STATISTICS}
          onChange={(statistic) => {
            onStatistic(chosen.id, statistic);
          }}
        />
      )}
      {chosen && (
        <span className={classes.moves}>
          <ActionIcon
            size="sm"
            variant="subtle"
            color={chosen.isPinned ? 'ink' : 'gray'}
            aria-label={`Keep ${header} in sight`}
            aria-pressed={chosen.isPinned ?? false}
            title="Keep in sight"
            onClick={() => {
              onPin(chosen.id, !chosen.isPinned);
            }}
          >
            <Icon name="pin" size={13} />
          </ActionIcon>
          <MoveButton
            header={header}
            word="earlier"
            onClick={() => {
              onShift(chosen.id, -1);
            }}
          />
          <MoveButton
            header={header}
            word="later"
            onClick={() => {
              onShift(chosen.id, 1);
            }}
          />
        </span>
      )}
    </li>
  );
}

function MoveButton({ header, word, onClick }: { header: string; word: string; onClick: () => void }) {
  return (
    <ActionIcon
      size="sm"
      variant="subtle"
      color="gray"
      aria-label={`Move ${header} ${word}`}
      onClick={onClick}
    >
      <Icon name={word === 'earlier' ? 'sortUp' : 'sortDown'} size={13} />
    </ActionIcon>
  );
}
