/** What a browser has and jsdom lacks, and the server that the tests talk to. */

import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';

import { FakeEventSource } from './eventSource';
import { server } from './server';

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 15_000 });

beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' });
});

afterEach(() => {
  cleanup();
  server.resetHandlers();
  FakeEventSource.opened = [];
  sessionStorage.clear();
});

afterAll(() => {
  server.close();
});

vi.stubGlobal('EventSource', FakeEventSource);

class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
vi.stubGlobal('ResizeObserver', Observer);

/** Everything that is looked at is seen. */
class SeesAll extends Observer {
  constructor(private readonly callback: (entries: { isIntersecting: boolean }[]) => void) {
    super();
  }
  override observe(): void {
    this.callback([{ isIntersecting: true }]);
  }
}
vi.stubGlobal('IntersectionObserver', SeesAll);

vi.stubGlobal('matchMedia', (media: string) => ({
  media,
  matches: false,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));

// Virtual lists draw what fits, and nothing has a size in jsdom.
Object.defineProperties(HTMLElement.prototype, {
  clientHeight: { get: () => 600 },
  clientWidth: { get: () => 1000 },
});
Element.prototype.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;
window.scrollTo = () => undefined;

// It draws on a canvas, which jsdom does not have.
vi.mock('uplot', () => ({
  default: class {
    static join = vi.fn(() => [[]]);
    cursor = {};
    setData = vi.fn();
    setSize = vi.fn();
    destroy = vi.fn();
  },
}));
