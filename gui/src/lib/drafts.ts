/** What somebody writes and has not sent yet: kept in this tab, until it is sent or dropped, or its writer leaves. */

import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';

const BEGINNING = 'draft of ';
const WRITER = 'writer of the drafts';

/** Drafts that are too long for the browser to keep: they outlive another page, not a reload. */
const tooLong = new Map<string, string>();
const listeners = new Set<() => void>();

export interface Draft<Value> {
  value: Value;
  /** Whether something is written that would be lost. */
  isKept: boolean;
  keep: (value: Value) => void;
  drop: () => void;
  /** Return what is kept at this moment, also long after the page was drawn; undefined where nothing is. */
  now: () => Value | undefined;
}

/**
 * Return the draft under `name`, or `initial` where there is none. It outlives another page, another tab of the page
 * and a reload; before the browser's tab is closed, the browser asks.
 */
export function useDraft<Value>(name: string, initial: Value): Draft<Value> {
  const [beginning] = useState(initial);
  const text = useSyncExternalStore(follow, () => textOf(name));
  const value = useMemo(() => (text === null ? beginning : (JSON.parse(text) as Value)), [text, beginning]);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => {
      if (hasDraft(name)) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => {
      window.removeEventListener('beforeunload', ask);
    };
  }, [name]);
  return {
    value,
    isKept: text !== null,
    keep: (written) => {
      store(name, JSON.stringify(written));
    },
    drop: () => {
      remove(name);
      tell();
    },
    now: () => {
      const kept = textOf(name);
      return kept === null ? undefined : (JSON.parse(kept) as Value);
    },
  };
}

/** Whether something was written under `name` and not sent. */
export function hasDraft(name: string): boolean {
  return textOf(name) !== null;
}

/** Whether anything at all was written and not sent. */
export function hasDrafts(): boolean {
  return names().length > 0;
}

/** Drop all drafts: who wrote them has left. */
export function forgetDrafts(): void {
  names().forEach(remove);
  sessionStorage.removeItem(WRITER);
  tell();
}

/** Keep what `user` wrote in this tab before a login ended by itself; whatever somebody else wrote is dropped. */
export function claimDrafts(user: string): void {
  const writer = sessionStorage.getItem(WRITER);
  if (writer !== null && writer !== user) forgetDrafts();
  sessionStorage.setItem(WRITER, user);
}

function follow(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  listeners.forEach((listener) => {
    listener();
  });
}

function textOf(name: string): string | null {
  return tooLong.get(name) ?? sessionStorage.getItem(BEGINNING + name);
}

function store(name: string, text: string): void {
  remove(name);
  try {
    sessionStorage.setItem(BEGINNING + name, text);
  } catch {
    tooLong.set(name, text);
  }
  tell();
}

function remove(name: string): void {
  tooLong.delete(name);
  sessionStorage.removeItem(BEGINNING + name);
}

function names(): string[] {
  const stored = Object.keys(sessionStorage).filter((key) => key.startsWith(BEGINNING));
  return [...stored.map((key) => key.slice(BEGINNING.length)), ...tooLong.keys()];
}
