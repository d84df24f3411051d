import { act } from '@testing-library/react';

import type { ServerEvent } from '@/types/api';

/** Stands for the browser's EventSource; a test opens it and says what the server sends. */
export class FakeEventSource {
  static opened: FakeEventSource[] = [];

  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  isClosed = false;
  readonly url: string;

  constructor(url: string) {
    this.url = url;
    FakeEventSource.opened.push(this);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The feed that the page listens to. */
  static get current(): FakeEventSource {
    const open = FakeEventSource.opened.filter(({ isClosed }) => !isClosed).at(-1);
    if (!open) throw new Error('The page has no open feed.');
    return open;
  }
}

/** Let the server send an event to the page. */
export function sendEvent(event: Partial<ServerEvent> & { kind: string }): void {
  act(() => FakeEventSource.current.onmessage?.({ data: JSON.stringify(event) }));
}
