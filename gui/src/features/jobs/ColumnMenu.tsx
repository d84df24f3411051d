import { Menu } from '@mantine/core';

import type { JobColumn } from './columns';
import { splitStatistic, type ShownStatistic } from './knownColumns';

export interface ColumnActions {
  onSortBy: (column: string, desc: boolean) => void;
  onCondition: (condition: string) => void;
  onPin: (column: string, isPinned: boolean) => void;
  onHide: (column: string) => void;
  onStatistic: (column: string, statistic: ShownStatistic) => void;
  onGroup: (column: string) => void;
}

interface ColumnMenuProps {
  column: JobColumn;
  actions: ColumnActions;
  children: React.ReactElement;
}

/** What can be done with a column, beside sorting by it with a click. */
export function ColumnMenu({ column, actions, children }: ColumnMenuProps) {
  const { id, isSortable, field, left, group } = column;
  return (
    <Menu position="bottom-start" shadow="md" width={190}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        {isSortable && (
          <>
            <Item
              words="Smallest first"
              onClick={() => {
                actions.onSortBy(id, false);
              }}
            />
            <Item
              words="Largest first"
              onClick={() => {
                actions.onSortBy(id, true);
              }}
            />
          </>
        )}
        {field && group && (
          <Item
            words="Only jobs that have it"
            onClick={() => {
              actions.onCondition(`exists(${field})`);
            }}
          />
        )}
        {group === 'parameters' && (
          <Item
            words="Group by its values"
            onClick={() => {
              actions.onGroup(id);
            }}
          />
        )}
        {group === 'metrics' && <Statistics id={id} onStatistic={actions.onStatistic} />}
        <Menu.Divider />
        <Item
          words={left === undefined ? 'Keep in sight' : 'Let it scroll'}
          onClick={() => {
            actions.onPin(id, left === undefined);
          }}
        />
        <Item
          words="Hide"
          onClick={() => {
            actions.onHide(id);
          }}
        />
      </Menu.Dropdown>
    </Menu>
  );
}

function Item({ words, onClick }: { words: string; onClick: () => void }) {
  return <Menu.Item onClick={onClick}>{words}</Menu.Item>;
}

export const STATISTICS: ShownStatistic[] = ['last', 'best', 'min', 'max', 'first'];

function Statistics({ id, onStatistic }: { id: string; onStatistic: ColumnActions['onStatistic'] }) {
  const shown = splitStatistic(id).statistic;
  return (
    <>
      <Menu.Divider />
      <Menu.Label>Shows the</Menu.Label>
      {STATISTICS.map((statistic) => (
        <Menu.Item
          key={statistic}
          rightSection={statistic === shown ? '✓' : undefined}
          onClick={() => {
            onStatistic(id, statistic);
          }}
        >
          {statistic}
        </Menu.Item>
      ))}
    </>
  );
}
