/** The keys that work on every page, in the order in which they are shown. */

export interface Shortcut {
  /** Keys that are pressed together, or one after the other. */
  keys: string[];
  does: string;
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

export const SHORTCUTS: Shortcut[] = [
  { keys: [isApple ? '⌘' : 'Ctrl', 'K'], does: 'Go to a page, a project or a job' },
  { keys: ['?'], does: 'Show these keys' },
  { keys: ['/'], does: 'Go to the search of this page' },
  { keys: ['g', 'p'], does: 'Go to the projects' },
  { keys: ['g', 'q'], does: 'Go to the queue' },
  { keys: ['t'], does: 'Switch between light and dark' },
  { keys: ['Esc'], does: 'Close what is open, or empty a search' },
];

/** Milliseconds for which a first key waits for its second. */
export const PATIENCE = 1200;
