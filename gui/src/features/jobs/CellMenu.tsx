import { Menu } from '@mantine/core';

import { writtenValue } from '@/components/filter/writing';
import { Name } from '@/components/Name';
import { copyText } from '@/lib/clipboard';
import { quoted, tagField } from '@/lib/filterFields';
import { formatValue, fullValue, numberOf, plainText } from '@/lib/values';
import type { JobSummary, Value } from '@/types/api';

import type { JobColumn } from './columns';
import type { AskedCell } from './JobTable';

interface CellMenuProps {
  asked: AskedCell | undefined;
  job: JobSummary | undefined;
  column: JobColumn | undefined;
  onCondition: (condition: string) => void;
  onClose: () => void;
}

/** What closes the menu from outside. No key does: the one that opens it is still on its way when the menu is there. */
const POINTER = ['mousedown', 'touchstart'];

/** What can be asked for by the value of a cell: each answer is a condition in the language of the filter. */
export function CellMenu({ asked, job, column, onCondition, onClose }: CellMenuProps) {
  if (!asked || !job || !column) return null;
  const value = column.valueOf(job);
  const conditions = column.id === 'tags' ? tagConditions(job.tags) : conditionsFor(column, value);
  return (
    <Menu
      opened
      onClose={onClose}
      position="bottom-start"
      shadow="md"
      trapFocus
      returnFocus
      withinPortal
      clickOutsideEvents={POINTER}
    >
      <Menu.Target>
        <span style={{ position: 'fixed', left: asked.x, top: asked.y - 4, width: 1, height: 1 }} />
      </Menu.Target>
      <Menu.Dropdown data-class="hover-cell">
        <Menu.Label>
          <Name>{column.header}</Name>:{' '}
          {value === undefined ? 'not available' : <Name>{shortened(fullValue(value))}</Name>}
        </Menu.Label>
        {conditions.map((condition) => (
          <Menu.Item
            key={condition}
            onClick={() => {
              onCondition(condition);
            }}
          >
            <code>{plainText(condition)}</code>
          </Menu.Item>
        ))}
        {value !== undefined && (
          <Menu.Item onClick={() => void copyText(fullValue(value))}>
            Copy {shortened(formatValue(value))}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Characters of a value that a menu shows. */
const SHOWN = 240;

function shortened(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** Return the conditions that a filter can make of a value. */
export function conditionsFor(
  { field, id }: Pick<JobColumn, 'field' | 'id'>,
  value: Value | undefined,
): string[] {
  if (!field) return [];
  if (value === undefined) return [`not exists(${field})`, `exists(${field})`];
  if (id === 'start_time' && typeof value === 'string')
    return [`start_time >= ${quoted(value)}`, `start_time <= ${quoted(value)}`];
  const written = writtenValue(value);
  if (written === undefined) return [`exists(${field})`];
  const isNumber = numberOf(value) !== undefined;
  const compared = isNumber ? [`${field} >= ${written}`, `${field} <= ${written}`] : [];
  if (id === 'duration') return compared;
  return [`${field} == ${written}`, `${field} != ${written}`, ...compared];
}

function tagConditions(tags: Record<string, Value>): string[] {
  return Object.entries(tags).flatMap(([name, value]) => {
    const written = value === '' ? undefined : writtenValue(value);
    return [tagField(name), ...(written === undefined ? [] : [`${tagField(name)} == ${written}`])];
  });
}
