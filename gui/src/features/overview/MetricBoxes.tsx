import { useState } from 'react';

import { SearchField } from '@/components/SearchField';
import { lookOf } from '@/lib/lineLooks';
import { formatCount } from '@/lib/values';

import classes from './OverviewPage.module.css';

/** From so many on, metrics are looked for by name. */
const MANY = 12;

interface MetricBoxesProps {
  names: string[];
  isHidden: (name: string, place: number) => boolean;
  onToggle: (name: string) => void;
}

/** Which metrics are drawn. Of many, those that are drawn and those that one looks for. */
export function MetricBoxes({ names, isHidden, onToggle }: MetricBoxesProps) {
  const [words, setWords] = useState('');
  const wanted = words.trim().toLowerCase();
  const all = names.map((name, place) => ({ name, place, isDrawn: !isHidden(name, place) }));
  const found = all.filter(({ name, isDrawn }) => isDrawn || name.toLowerCase().includes(wanted));
  const shown = names.length > MANY && wanted === '' ? found.filter(isAmongFirst) : found;
  return (
    <fieldset className={classes.metrics}>
      <legend className={classes.by}>Metrics</legend>
      {names.length > MANY && (
        <SearchField label="Find a metric" hasKey={false} value={words} onChange={setWords} />
      )}
      <div className={classes.boxes}>
        {shown.map(({ name, place, isDrawn }) => (
          <label key={name} title={name}>
            <input
              type="checkbox"
              checked={isDrawn}
              onChange={() => {
                onToggle(name);
              }}
            />
            <span
              className={classes.swatch}
              style={{ background: `var(${lookOf(place).colour})` }}
              aria-hidden
            />
            <span className={classes.metricName}>{name}</span>
          </label>
        ))}
        {shown.length < all.length && (
          <span className={classes.by}>{formatCount(all.length - shown.length)} more</span>
        )}
      </div>
    </fieldset>
  );
}

function isAmongFirst({ place, isDrawn }: { place: number; isDrawn: boolean }): boolean {
  return isDrawn || place < MANY;
}
