/** Whether the page is being printed, or is about to be. */

import { useEffect, useState, useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';

const SCHEME = 'data-mantine-color-scheme';

/** Milliseconds that a reader waits for what is to be printed, and in which the page draws a part of it. */
const [PATIENCE, DRAWING] = [15_000, 50];
/** Things that are drawn at once: hundreds are too much for the page. */
const AT_ONCE = 4;

let isPrinting = false;
let isPreparing = false;
let scheme: string | null = null;
const unseen = new Set<(prepared: boolean) => void>();
const listeners = new Set<() => void>();

/** Return whether the page is being printed: what is drawn in parts on a screen is whole, and light, on paper. */
export function usePrinting(): boolean {
  return useSyncExternalStore(follow, () => isPrinting);
}

/** Return whether what is drawn on a screen once it is in sight has to be drawn now, as it will be printed. */
export function usePrepared(): boolean {
  const [isPrepared, setIsPrepared] = useState(false);
  useEffect(() => {
    unseen.add(setIsPrepared);
    return () => {
      unseen.delete(setIsPrepared);
    };
  }, []);
  return isPrepared;
}

/** Print once `read` has read all; after some seconds, what there is by then. A browser's own command waits for nothing. */
export async function printWhole(read: () => Promise<unknown>): Promise<void> {
  if (isPreparing) return;
  isPreparing = true;
  await Promise.race([read(), pause(PATIENCE)]).catch(() => undefined);
  await prepare(true);
  window.print();
  await prepare(false);
  isPreparing = false;
}

async function prepare(prepared: boolean): Promise<void> {
  const all = [...unseen];
  for (let first = 0; first < all.length; first += AT_ONCE) {
    for (const change of all.slice(first, first + AT_ONCE)) change(prepared);
    await pause(DRAWING);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
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
