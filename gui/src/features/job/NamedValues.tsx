import { useState } from 'react';

import { formatValue, fullValue } from '@/lib/values';
import type { Value } from '@/types/api';

import classes from './NamedValues.module.css';

interface NamedValuesProps {
  values: [string, Value][];
  /** What is said when there are none. */
  empty: string;
  /** Names whose value was another one before, and that one; undefined where there was none. */
  changed?: ReadonlyMap<string, Value | undefined> | undefined;
  /** Whether these stand out among the others. */
  marks?: boolean;
}

/** Letters that have room beside a short name; what is longer unfolds. */
const ROOM = 24;
/** Letters that a title of the browser shows. */
const TITLE = 1000;
/** Letters that are drawn of a folded value: more than have room anywhere. */
const FOLDED = 120;

/** Names and their values, one pair a line. A click on a long value shows all of it. */
export function NamedValues({ values, empty, changed, marks = false }: NamedValuesProps) {
  if (values.length === 0) return <p className={classes.empty}>{empty}</p>;
  return (
    <dl className={classes.list}>
      {values.map(([name, value]) => (
        <Pair key={name} name={name} value={value} changed={changed} marks={marks} />
      ))}
    </dl>
  );
}

interface PairProps extends Pick<NamedValuesProps, 'changed' | 'marks'> {
  name: string;
  value: Value;
}

function Pair({ name, value, changed, marks }: PairProps) {
  const [isOpen, setIsOpen] = useState(false);
  const words = formatValue(value);
  const isLong = words.length > ROOM;
  return (
    <div
      className={classes.pair}
      data-open={isOpen || undefined}
      data-changed={(marks && changed?.has(name)) || undefined}
    >
      <dt title={name}>{name}</dt>
      <dd
        title={isOpen ? undefined : fullValue(value).slice(0, TITLE)}
        className={classes.value}
        data-long={isLong || undefined}
      >
        {changed?.get(name) !== undefined && <Before value={changed.get(name)} />}
        {isLong ? (
          <button
            type="button"
            className={classes.fold}
            aria-expanded={isOpen}
            onClick={() => {
              setIsOpen(!isOpen);
            }}
          >
            {isOpen ? fullValue(value) : words.slice(0, FOLDED)}
          </button>
        ) : (
          words
        )}
      </dd>
    </div>
  );
}

/** What the value was before. */
function Before({ value }: { value: Value | undefined }) {
  return (
    <>
      <span className={classes.before} title={`Before: ${fullValue(value).slice(0, TITLE)}`}>
        {formatValue(value).slice(0, FOLDED)}
      </span>
      <span className={classes.arrow}> → </span>
    </>
  );
}
