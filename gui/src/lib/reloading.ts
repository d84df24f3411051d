/** Loading the page again by itself: once, and not in a circle. */

const KEY = 'loaded again at';
/** Milliseconds within which a page that broke again is not helped by loading it once more. */
const ENOUGH = 60_000;

/** Whether the page was loaded again by itself a moment ago. */
export function hasJustReloaded(): boolean {
  return Date.now() - Number(sessionStorage.getItem(KEY) ?? 0) < ENOUGH;
}

/** Load the page again, and remember that it was done. */
export function reloadPage(): void {
  sessionStorage.setItem(KEY, String(Date.now()));
  window.location.reload();
}
