/** Whether the page is being printed. */

import { useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';

const SCHEME = 'data-mantine-color-scheme';

let isPrinting = false;
let scheme: string | null = null;
const listeners = new Set<() => void>();

/** Return whether the page is being printed: what is drawn in parts on a screen is whole, and light, on paper. */
export function usePrinting(): boolean {
  return useSyncExternalStore(follow, () => isPrinting);
}

function follow(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A browser may tell it twice: then the page is light already. */
function begin(): void {
  if (isPrinting) return;
  scheme = document.documentElement.getAttribute(SCHEME);
  if (scheme !== null) document.documentElement.setAttribute(SCHEME, 'light');
  change(true);
}

function end(): void {
  if (!isPrinting) return;
  if (scheme !== null) document.documentElement.setAttribute(SCHEME, scheme);
  change(false);
}

/** The browser takes its picture as soon as it has told us: the page has to be drawn by then. */
function change(printing: boolean): void {
  isPrinting = printing;
  flushSync(() => {
    listeners.forEach((tell) => {
      tell();
    });
  });
}

window.addEventListener('beforeprint', begin);
window.addEventListener('afterprint', end);
