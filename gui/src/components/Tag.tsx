import { formatValue, fullValue } from '@/lib/values';
import type { Value } from '@/types/api';

import classes from './Tag.module.css';

interface TagProps {
  name: string;
  value: Value;
  /** Where space is dear, the value is in the title alone. */
  isBrief?: boolean;
}

/** A tag, with its value when it has one. */
export function Tag({ name, value, isBrief = false }: TagProps) {
  const text = formatValue(value);
  return (
    <span className={classes.tag} title={text ? `${name}: ${fullValue(value)}` : name}>
      <span className={classes.name}>{name}</span>
      {text && !isBrief && <span className={classes.value}>{text}</span>}
    </span>
  );
}
