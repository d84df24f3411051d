/** Which columns are shown, in which order, how wide, and which stay at the left edge: as an address says it. */

import { fieldOfColumn } from '@/components/filter/writing';

import {
  plainStatistic,
  splitStatistic,
  withStatistic,
  type ColumnGroup,
  type KnownColumn,
  type ShownStatistic,
} from './knownColumns';

export interface ColumnChoice {
  id: string;
  /** Pixels; undefined is as wide as it is by itself. */
  width?: number | undefined;
  isPinned?: boolean | undefined;
}

/** So many parameters, and as many metrics, are shown until somebody chooses: those that most jobs have. */
const SHOWN_OF_GROUP = 12;

/** Return what is shown until somebody chooses, with the job pinned. */
export function defaultChoice(columns: KnownColumn[]): ColumnChoice[] {
  const counts: Record<ColumnGroup, number> = { parameters: 0, metrics: 0 };
  return columns
    .filter(({ group }) => !group || (counts[group] += 1) <= SHOWN_OF_GROUP)
    .map(({ id }) => (id === 'job_id' ? { id, isPinned: true } : { id }));
}

/** Return the choice that an address holds, such as `!job_id,status~90`; undefined when it holds none. */
export function parseChoice(text: string | undefined): ColumnChoice[] | undefined {
  if (!text) return undefined;
  return text.split(',').map((part) => {
    const [name = '', width] = part.replace(/^!/, '').split('~');
    return {
      id: decoded(name),
      ...(part.startsWith('!') && { isPinned: true }),
      ...(width && Number(width) > 0 && { width: Number(width) }),
    };
  });
}

/** Return the choice as an address holds it. */
export function formatChoice(choice: ColumnChoice[]): string {
  return choice
    .map(
      ({ id, width, isPinned }) =>
        `${isPinned ? '!' : ''}${encoded(id)}${width ? `~${Math.round(width)}` : ''}`,
    )
    .join(',');
}

/** Show or hide a column; one that comes back goes where it stands by itself, or else last. */
export function toggled(choice: ColumnChoice[], id: string, known: KnownColumn[]): ColumnChoice[] {
  const plain = ({ id: shown }: { id: string }): string => splitStatistic(shown).id;
  if (choice.some((column) => plain(column) === id)) return choice.filter((column) => plain(column) !== id);
  const places = new Map(known.map((column, place) => [column.id, place]));
  const own = places.get(id) ?? Infinity;
  const after = choice.findLastIndex((column) => (places.get(plain(column)) ?? Infinity) < own);
  return choice.toSpliced(after + 1, 0, { id });
}

/** Move a column by `step` places. */
export function shifted(choice: ColumnChoice[], id: string, step: number): ColumnChoice[] {
  const from = choice.findIndex((column) => column.id === id);
  const moved = choice[from];
  const to = from + step;
  if (!moved || to < 0 || to >= choice.length) return choice;
  return choice.toSpliced(from, 1).toSpliced(to, 0, moved);
}

/** Put a column where another one is, as one does who drags it there. */
export function movedTo(choice: ColumnChoice[], id: string, target: string): ColumnChoice[] {
  const from = choice.findIndex((column) => column.id === id);
  const to = choice.findIndex((column) => column.id === target);
  return from < 0 || to < 0 ? choice : shifted(choice, id, to - from);
}

/** Change what is said of one column. */
export function changed(choice: ColumnChoice[], id: string, change: Partial<ColumnChoice>): ColumnChoice[] {
  return choice.map((column) => (column.id === id ? { ...column, ...change } : column));
}

/** Show another statistic of a metric. */
export function restated(choice: ColumnChoice[], id: string, statistic: ShownStatistic): ColumnChoice[] {
  return changed(choice, id, { id: withStatistic(id, statistic) });
}

/** What every row is read with: its marks, and what its menu and its selection need. */
const ALWAYS = ['status', 'user', 'creation_time', 'start_time', 'completed_time', 'duration', 'tags'];

/** Return what a row shows, as the server is asked for it: "" is everything. */
export function fieldsOf(choice: ColumnChoice[] | undefined): string {
  if (!choice) return '';
  const shown = choice.map(({ id }) => serverField(id)).filter((field) => field !== undefined);
  return [...new Set([...ALWAYS, ...shown.filter((field) => field !== 'job_id').sort()])].join();
}

/** Return the field of a column in the server's language; undefined for one that has none, such as that of tags. */
export function serverField(id: string): string | undefined {
  const { id: plain, statistic } = splitStatistic(id);
  const name = plain.slice('output_metrics:'.length);
  return fieldOfColumn(statistic === 'last' ? plain : `${plain}@${plainStatistic(name, statistic)}`);
}

function encoded(id: string): string {
  return id.replace(/[%~!,]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function decoded(name: string): string {
  return name.replace(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
