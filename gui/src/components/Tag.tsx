import { formatValue, fullValue } from '@/lib/values';
import type { Value } from '@/types/api';

import classes from './Tag.module.css';

/** A tag; its value is shown when it has one. */
export function Tag({ name, value }: { name: string; value: Value }) {
  const text = formatValue(value);
  return (
    <span className={classes.tag} title={text ? `${name}: ${fullValue(value)}` : name}>
      {name}
      {text && <span className={classes.value}>{text}</span>}
    </span>
  );
}
