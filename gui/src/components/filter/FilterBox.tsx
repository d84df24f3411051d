import { CloseButton } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useId, useRef } from 'react';

import { Icon } from '@/components/Icon';
import type { Facets } from '@/types/api';

import type { Suggestion } from './completion';
import classes from './FilterBox.module.css';
import { FilterProblem, Highlight, type Problem } from './Highlight';
import { useCompletion } from './useCompletion';

interface FilterBoxProps {
  value: string;
  onChange: (filter: string) => void;
  facets: Facets | undefined;
  problem: Problem | undefined;
}

/** A field for the language of filters, which proposes what can come next and marks what the server cannot read. */
export function FilterBox({ value, onChange, facets, problem: told }: FilterBoxProps) {
  const mirror = useRef<HTMLDivElement>(null);
  const id = useId();
  const completion = useCompletion(value, onChange, facets);
  const { input, suggestions, chosen } = completion;
  const problem = told && (completion.isWriting ? whileWriting(told, value) : told);
  useHotkeys([['/', () => input.current?.focus()]]);
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
            onScroll={(event) => {
              if (mirror.current) mirror.current.scrollLeft = event.currentTarget.scrollLeft;
            }}
            {...completion.handlers}
          />
        </div>
        <FieldEnd
          isEmpty={value === ''}
          onEmpty={() => {
            onChange('');
          }}
        />
      </div>
      {suggestions.length > 0 && (
        <SuggestionList id={id} all={suggestions} chosen={chosen} onTake={completion.take} />
      )}
      {problem && suggestions.length === 0 && <FilterProblem id={`${id}problem`} problem={problem} />}
    </div>
  );
}

/** A last word that somebody is still writing is not wrong yet. */
function whileWriting(problem: Problem, value: string): Problem {
  return { ...problem, isUnfinished: problem.isUnfinished || problem.end >= value.trimEnd().length };
}

function FieldEnd({ isEmpty, onEmpty }: { isEmpty: boolean; onEmpty: () => void }) {
  if (isEmpty) return <kbd className={classes.key}>/</kbd>;
  return <CloseButton size="xs" aria-label="Empty the filter" onClick={onEmpty} />;
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
