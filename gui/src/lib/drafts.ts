/** What somebody writes and has not sent yet: kept in this tab, until it is sent or dropped. */

import { useEffect, useState } from 'react';

export interface Draft<Value> {
  value: Value;
  /** Whether something is written that would be lost. */
  isKept: boolean;
  keep: (value: Value) => void;
  drop: () => void;
}

/**
 * Return the draft under `name`, or `initial` where there is none. It outlives another page, another tab of the page
 * and a reload; before the browser's tab is closed, the browser asks.
 */
export function useDraft<Value>(name: string, initial: Value): Draft<Value> {
  const [state, setState] = useState(() => {
    const kept = stored(name);
    return kept === undefined ? { value: initial, isKept: false } : { value: kept as Value, isKept: true };
  });
  const { isKept } = state;
  useEffect(() => {
    if (!isKept) return;
    window.addEventListener('beforeunload', ask);
    return () => {
      window.removeEventListener('beforeunload', ask);
    };
  }, [isKept]);
  return {
    ...state,
    keep: (value) => {
      store(name, value);
      setState({ value, isKept: true });
    },
    drop: () => {
      sessionStorage.removeItem(keyOf(name));
      setState({ value: initial, isKept: false });
    },
  };
}

/** Whether something was written under `name` and not sent. */
export function hasDraft(name: string): boolean {
  return stored(name) !== undefined;
}

function stored(name: string): unknown {
  const text = sessionStorage.getItem(keyOf(name));
  return text === null ? undefined : JSON.parse(text);
}

/** A text that is too long for the browser to keep is still in the field. */
function store(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(keyOf(name), JSON.stringify(value));
  } catch {
    sessionStorage.removeItem(keyOf(name));
  }
}

function keyOf(name: string): string {
  return `draft of ${name}`;
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
