import { useRef, useState } from 'react';

import type { Facets } from '@/types/api';

import { suggestionsFor, type Suggestion } from './completion';
import { placeAt } from './reading';

/**
 * What can come next where the caret is. Arrow keys choose, Enter takes what is chosen, Tab the first as well, Escape
 * closes the list and then empties the field.
 */
export function useCompletion(value: string, onChange: (filter: string) => void, facets: Facets | undefined) {
  const input = useRef<HTMLInputElement>(null);
  // undefined while nothing is proposed.
  const [caret, setCaret] = useState<number>();
  const [chosen, setChosen] = useState(-1);
  const place = placeAt(value, caret ?? value.length);
  const suggestions = caret === undefined ? [] : suggestionsFor(place, facets);

  const close = (): void => {
    setCaret(undefined);
    setChosen(-1);
  };
  const look = (element: HTMLInputElement): void => {
    setCaret(element.selectionStart ?? undefined);
    setChosen(-1);
  };
  const take = ({ text }: Suggestion): void => {
    const written = `${value.slice(0, place.start)}${text}${text.endsWith('(') ? '' : ' '}`;
    onChange(written + value.slice(caret ?? value.length).trimStart());
    setChosen(-1);
    setCaret(written.length);
    requestAnimationFrame(() => input.current?.setSelectionRange(written.length, written.length));
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const { key } = event;
    const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
    const first = key === 'Tab' && !event.shiftKey && place.partial ? 0 : -1;
    const suggestion = suggestions[Math.max(chosen, first)];
    if (step && suggestions.length > 0) {
      event.preventDefault();
      setChosen(stepped(chosen, step, suggestions.length));
    } else if ((key === 'Enter' || key === 'Tab') && suggestion) {
      event.preventDefault();
      take(suggestion);
    } else if (key === 'Enter' || (key === 'Escape' && suggestions.length > 0)) close();
    else if (key === 'Escape') onChange('');
  };
  return {
    input,
    suggestions,
    chosen,
    take,
    /** Whether somebody is at it. */
    isWriting: caret !== undefined,
    handlers: {
      onKeyDown,
      onBlur: close,
      onClick: (event: React.MouseEvent<HTMLInputElement>) => {
        look(event.currentTarget);
      },
      onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
        look(event.currentTarget);
        onChange(event.currentTarget.value);
      },
    },
  };
}

/** Return the place after a step, round the ends; -1 is none. */
function stepped(place: number, step: number, count: number): number {
  if (place < 0) return step > 0 ? 0 : count - 1;
  return (place + step + count) % count;
}
