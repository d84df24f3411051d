import { FilterBox } from '@/components/filter/FilterBox';
import type { Problem } from '@/components/filter/Highlight';
import { useFilterDraft } from '@/components/filter/useFilterDraft';
import { Select } from '@/components/Select';
import type { Facets } from '@/types/api';

import classes from './ChartsPage.module.css';
import { FEW, MOST } from './chartsSearch';
import { useChartsSearch } from './useChartsSearch';

const COUNTS = [5, FEW, 50, 100, MOST];

interface ChartsToolbarProps {
  facets: Facets | undefined;
  problem: Problem | undefined;
}

/** Which jobs are drawn, how many, and what their colours say. */
export function ChartsToolbar({ facets, problem }: ChartsToolbarProps) {
  const [{ filter = '', count = FEW, group, mean = false }, change] = useChartsSearch();
  const [draft, setDraft] = useFilterDraft(filter, (text) => {
    change({ filter: text });
  });
  const parameters = (facets?.parameters ?? []).map(({ name }) => name);
  const counts = [...new Set([...COUNTS, count])].sort((one, other) => one - other);
  return (
    <div className={classes.bar}>
      <FilterBox value={draft} onChange={setDraft} facets={facets} problem={problem} />
      <Select
        label="Newest"
        size="md"
        value={String(count)}
        options={counts.map(String)}
        onChange={(chosen) => {
          change({ count: Number(chosen) });
        }}
      />
      {(parameters.length > 0 || group !== undefined) && (
        <Select
          label="Colour by"
          size="md"
          value={group ?? ''}
          options={[['', 'job'], ...new Set([...parameters, ...(group === undefined ? [] : [group])])]}
          onChange={(chosen) => {
            change({ group: chosen, mean: chosen === '' ? undefined : mean });
          }}
        />
      )}
      {group !== undefined && (
        <label className={classes.mean}>
          <input
            type="checkbox"
            checked={mean}
            onChange={(event) => {
              change({ mean: event.currentTarget.checked });
            }}
          />
          Mean of each
        </label>
      )}
    </div>
  );
}
