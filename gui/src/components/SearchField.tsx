import { CloseButton, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useRef } from 'react';

import { Icon } from './Icon';
import classes from './SearchField.module.css';

interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Whether "/" goes there: on a page with several, none has the key. */
  hasKey?: boolean;
}

/** A field that narrows the list below it. "/" goes there, Escape empties it. */
export function SearchField({ label, value, onChange, hasKey = true }: SearchFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  useHotkeys(hasKey ? [['/', () => input.current?.focus()]] : []);
  const clear = (): void => {
    onChange('');
  };
  return (
    <TextInput
      ref={input}
      type="search"
      size="sm"
      w={{ base: '100%', xs: 280 }}
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') clear();
      }}
      leftSection={<Icon name="search" size={14} />}
      rightSection={
        value ? (
          <CloseButton size="xs" aria-label="Empty the search" onClick={clear} />
        ) : (
          hasKey && <kbd className={classes.key}>/</kbd>
        )
      }
    />
  );
}
