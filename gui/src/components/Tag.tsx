import { formatValue, fullValue, plainText } from '@/lib/values';
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
      <bdi className={classes.name}>{plainText(name)}</bdi>
      {text && !isBrief && <bdi className={classes.value}>{text}</bdi>}
    </span>
  );
}
