import { useEffect, useRef, useState } from 'react';

/** A row that is held, and the place that it would take if it were let go now. */
interface Drag {
  id: string;
  to: number;
}

/** Where the handle is held. */
interface Hold {
  handle: HTMLElement;
  y: number;
}

/** Pixels from the edge of the page at which it scrolls along, and by how many it does with each picture. */
const EDGE = 60;
const SCROLL_STEP = 9;

/**
 * Let people drag the rows `ids` of a list by a handle, with a mouse, a pen or a finger. `onDrop` hears where the row
 * stands at that moment, whoever moved others meanwhile, and its new place. Escape, like a touch that the browser takes
 * back, leaves everything as it was. At the edge of the page the list goes on scrolling.
 */
export function useDragOrder(ids: string[], onDrop: (from: number, to: number) => void) {
  const [drag, setDrag] = useState<Drag>();
  const hold = useRef<Hold>(undefined);
  const from = drag ? ids.indexOf(drag.id) : -1;
  const follow = (id: string): void => {
    if (!hold.current) return;
    const to = placeAt(hold.current, ids.indexOf(id));
    setDrag((before) => (before && before.to !== to ? { id, to } : before));
  };
  const cancel = (): void => {
    setDrag(undefined);
  };
  useWhileHeld(drag?.id, hold, follow, cancel);

  const handle = (id: string) => ({
    onPointerDown: (event: React.PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      hold.current = { handle: event.currentTarget, y: event.clientY };
      setDrag({ id, to: ids.indexOf(id) });
    },
    onPointerMove: (event: React.PointerEvent<HTMLElement>) => {
      if (drag?.id !== id) return;
      hold.current = { handle: event.currentTarget, y: event.clientY };
      follow(id);
    },
    onPointerUp: () => {
      if (drag && from >= 0 && drag.to !== from) onDrop(from, drag.to);
      cancel();
    },
    onPointerCancel: cancel,
    // Also when the row is gone because its job has started.
    onLostPointerCapture: cancel,
  });

  return {
    handle,
    looks: (index: number) => ({
      'data-dragged': (from >= 0 && from === index) || undefined,
      'data-drop': drag && from >= 0 && drag.to === index && index !== from ? sideOf(from, index) : undefined,
    }),
  };
}

/** While the row `id` is held: scroll at the edge of the page, and call `cancel` for Escape. */
function useWhileHeld(
  id: string | undefined,
  hold: React.RefObject<Hold | undefined>,
  follow: (id: string) => void,
  cancel: () => void,
): void {
  const calls = useRef({ follow, cancel });
  useEffect(() => {
    calls.current = { follow, cancel };
  });
  useEffect(() => {
    if (id === undefined) return;
    const scroll = (): void => {
      if (hold.current && scrollAlong(hold.current)) calls.current.follow(id);
      frame = requestAnimationFrame(scroll);
    };
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') calls.current.cancel();
    };
    let frame = requestAnimationFrame(scroll);
    window.addEventListener('keydown', onKey);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('keydown', onKey);
    };
  }, [id, hold]);
}

function sideOf(from: number, to: number): 'before' | 'after' {
  return to < from ? 'before' : 'after';
}

/** Return the place of the row under the pointer, as the index among its siblings. */
function placeAt({ handle, y }: Hold, from: number): number {
  const rows = [...(handle.closest('ul')?.children ?? [])];
  const middles = rows.map((row) => {
    const { top, height } = row.getBoundingClientRect();
    return top + height / 2;
  });
  const above = middles.filter((middle, index) => index !== from && middle < y).length;
  return Math.min(above, rows.length - 1);
}

/** Scroll the page if the pointer is near its edge, and return whether it did. */
function scrollAlong({ handle, y }: Hold): boolean {
  const page = handle.closest('main');
  if (!page) return false;
  const { top, bottom } = page.getBoundingClientRect();
  const step = y > bottom - EDGE ? SCROLL_STEP : y < top + EDGE ? -SCROLL_STEP : 0;
  if (step !== 0) page.scrollBy(0, step);
  return step !== 0;
}
