import { CloseButton } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useId, useRef, useState } from 'react';

import { Icon } from '@/components/Icon';
import type { Facets } from '@/types/api';

import { suggestionsFor, type Suggestion } from './completion';
import classes from './FilterBox.module.css';
import { FilterProblem, Highlight, type Problem } from './Highlight';
import { placeAt } from './reading';

interface FilterBoxProps {
  value: string;
  onChange: (filter: string) => void;
  facets: Facets | undefined;
  problem: Problem | undefined;
}

/** A field for the language of filters, which proposes what can come next and marks what the server cannot read. */
export function FilterBox({ value, onChange, facets, problem }: FilterBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const [caret, setCaret] = useState<number>();
  const [chosen, setChosen] = useState(-1);
  const id = useId();
  useHotkeys([['/', () => input.current?.focus()]]);
  const place = placeAt(value, caret ?? value.length);
  const suggestions = caret === undefined ? [] : suggestionsFor(place, facets);

  const close = (): void => {
    setCaret(undefined);
    setChosen(-1);
  };
  const take = ({ text }: Suggestion): void => {
    const end = caret ?? value.length;
    const space = text.endsWith('(') ? '' : ' ';
    const written = `${value.slice(0, place.start)}${text}${space}`;
    onChange(written + value.slice(end).trimStart());
    setChosen(-1);
    setCaret(written.length);
    requestAnimationFrame(() => input.current?.setSelectionRange(written.length, written.length));
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step && suggestions.length > 0) {
      event.preventDefault();
      setChosen((chosen + step + suggestions.length + (chosen < 0 && step < 0 ? 1 : 0)) % suggestions.length);
    }
    const suggestion =
      suggestions[event.key === 'Tab' && !event.shiftKey && place.partial ? Math.max(chosen, 0) : chosen];
    if ((event.key === 'Enter' || event.key === 'Tab') && suggestion) {
      event.preventDefault();
      take(suggestion);
    } else if (event.key === 'Enter') close();
    if (event.key === 'Escape') {
      if (suggestions.length > 0) close();
      else onChange('');
    }
  };

  return (
    <div className={classes.box}>
      <div className={classes.field} data-wrong={(problem && !problem.isUnfinished) || undefined}>
        <Icon name="search" size={14} className={classes.icon} />
        <div className={classes.text}>
          <Highlight text={value} problem={problem} ref={mirror} />
          <input
            ref={input}
            role="combobox"
            aria-label="Filter jobs"
            aria-expanded={suggestions.length > 0}
            aria-controls={`${id}list`}
            aria-autocomplete="list"
            aria-activedescendant={chosen >= 0 ? `${id}${chosen}` : undefined}
            aria-invalid={problem !== undefined && !problem.isUnfinished}
            aria-describedby={problem ? `${id}problem` : undefined}
            placeholder='Filter: words, or metrics.accuracy > 0.9 and status == "completed"'
            spellCheck={false}
            autoComplete="off"
            value={value}
            onChange={(event) => {
              setCaret(event.currentTarget.selectionStart ?? undefined);
              setChosen(-1);
              onChange(event.currentTarget.value);
            }}
            onClick={(event) => {
              setCaret(event.currentTarget.selectionStart ?? undefined);
            }}
            onScroll={(event) => {
              if (mirror.current) mirror.current.scrollLeft = event.currentTarget.scrollLeft;
            }}
            onKeyDown={onKeyDown}
            onBlur={close}
          />
        </div>
        {value ? (
          <CloseButton
            size="xs"
            aria-label="Empty the filter"
            onClick={() => {
              onChange('');
            }}
          />
        ) : (
          <kbd className={classes.key}>/</kbd>
        )}
      </div>
      {suggestions.length > 0 && <SuggestionList id={id} all={suggestions} chosen={chosen} onTake={take} />}
      {problem && <FilterProblem id={`${id}problem`} problem={problem} />}
    </div>
  );
}

interface SuggestionListProps {
  id: string;
  all: Suggestion[];
  chosen: number;
  onTake: (suggestion: Suggestion) => void;
}

function SuggestionList({ id, all, chosen, onTake }: SuggestionListProps) {
  return (
    <ul id={`${id}list`} role="listbox" aria-label="What can come next" className={classes.list}>
      {all.map((suggestion, index) => (
        <li
          key={suggestion.text}
          id={`${id}${index}`}
          role="option"
          aria-selected={index === chosen}
          onMouseDown={(event) => {
            event.preventDefault(); // the field keeps the focus
            onTake(suggestion);
          }}
        >
          <code>{suggestion.text}</code>
          <span>{suggestion.detail}</span>
        </li>
      ))}
    </ul>
  );
}
