import { formatValue, fullValue } from '@/lib/values';
import type { Value } from '@/types/api';

import classes from './NamedValues.module.css';

interface NamedValuesProps {
  values: [string, Value][];
  /** What is said when there are none. */
  empty: string;
}

/** Names and their values, one pair a line. */
export function NamedValues({ values, empty }: NamedValuesProps) {
  if (values.length === 0) return <p className={classes.empty}>{empty}</p>;
  return (
    <dl className={classes.list}>
      {values.map(([name, value]) => (
        <div key={name} className={classes.pair}>
          <dt title={name}>{name}</dt>
          <dd title={fullValue(value)} className={classes.value}>
            {formatValue(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
