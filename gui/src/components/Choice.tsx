import { SegmentedControl, type SegmentedControlProps } from '@mantine/core';

import classes from './Choice.module.css';

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

const looks = classes as NonNullable<SegmentedControlProps['classNames']>;

/** One of a few things, all of which are in sight. */
export function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  return (
    <SegmentedControl
      size="xs"
      aria-label={label}
      classNames={looks}
      data={[...options]}
      value={value}
      onChange={onChange}
    />
  );
}
