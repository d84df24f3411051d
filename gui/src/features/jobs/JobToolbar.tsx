import { Button } from '@mantine/core';

import { FilterBox } from '@/components/filter/FilterBox';
import type { Problem } from '@/components/filter/Highlight';
import { Select } from '@/components/Select';
import { plainText } from '@/lib/values';
import type { Facets } from '@/types/api';

import { formatChoice, type ColumnChoice } from './columnChoice';
import { ColumnChooser } from './ColumnChooser';
import classes from './JobToolbar.module.css';
import type { KnownColumn } from './knownColumns';
import { SavedViews } from './SavedViews';
import { changedSearch, type SearchChange, type TableSearch } from './tableSearch';

interface JobToolbarProps {
  project: string;
  filter: string;
  onFilter: (filter: string) => void;
  problem: Problem | undefined;
  facets: Facets | undefined;
  known: KnownColumn[];
  choice: ColumnChoice[];
  search: TableSearch;
  onChange: (change: SearchChange) => void;
}

/** What the table below shows: which jobs, in which groups, with which columns and axes. */
export function JobToolbar(props: JobToolbarProps) {
  const { project, known, choice, search, onChange } = props;
  return (
    <div className={classes.bar}>
      <FilterBox
        value={props.filter}
        onChange={props.onFilter}
        facets={props.facets}
        problem={props.problem}
      />
      <GroupSelect known={known} search={search} onChange={onChange} />
      <Button
        variant={search.axes === undefined ? 'default' : 'light'}
        size="xs"
        aria-pressed={search.axes !== undefined}
        onClick={() => {
          onChange(search.axes === undefined ? { axes: '*' } : { axes: undefined, brush: undefined });
        }}
      >
        Parallel axes
      </Button>
      <ColumnChooser
        known={known}
        choice={choice}
        onChoice={(next) => {
          onChange({ columns: next && formatChoice(next) });
        }}
      />
      <SavedViews project={project} search={changedSearch(search, { filter: props.filter || undefined })} />
    </div>
  );
}

function GroupSelect({ known, search, onChange }: Pick<JobToolbarProps, 'known' | 'search' | 'onChange'>) {
  const parameters = known.filter(({ group }) => group === 'parameters');
  if (parameters.length === 0) return null;
  return (
    <Select
      label="Group by"
      size="md"
      value={search.group ?? ''}
      options={[['', 'nothing'], ...parameters.map(({ id, header }) => [id, plainText(header)] as const)]}
      onChange={(group) => {
        onChange({ group: group || undefined });
      }}
    />
  );
}
