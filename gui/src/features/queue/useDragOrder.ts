import { useEffect, useRef, useState } from 'react';

/** A row that is held, and the place that it would take if it were let go now. */
interface Drag {
  id: string;
  to: number;
}

/** The pointer that holds a row, where it is, and the list that the row is part of. */
interface Hold {
  pointer: number;
  y: number;
  list: HTMLElement | null;
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
  const end = (): void => {
    setDrag(undefined);
  };
  const place = (): number => (hold.current?.list ? placeAt(hold.current.list, hold.current.y, from) : from);
  useWhileHeld(drag !== undefined, hold, {
    follow: () => {
      const to = place();
      setDrag((before) => (before && before.to !== to ? { ...before, to } : before));
    },
    drop: () => {
      const to = place();
      if (from >= 0 && to !== from) onDrop(from, to);
      end();
    },
    cancel: end,
  });

  return {
    handle: (id: string) => ({
      onPointerDown: ({ button, pointerId, clientY, currentTarget }: React.PointerEvent<HTMLElement>) => {
        if (button !== 0) return;
        hold.current = { pointer: pointerId, y: clientY, list: currentTarget.closest('ul') };
        setDrag({ id, to: ids.indexOf(id) });
      },
    }),
    looks: (index: number) => ({
      'data-dragged': (from >= 0 && from === index) || undefined,
      'data-drop': drag && from >= 0 && drag.to === index && index !== from ? sideOf(from, index) : undefined,
    }),
  };
}

interface Calls {
  /** The pointer, or the list below it, has moved. */
  follow: () => void;
  drop: () => void;
  cancel: () => void;
}

/**
 * While a row is held, follow the pointer, scroll at the edge of the page and hear Escape. The window is listened to,
 * since a row that others move is put elsewhere in the document, and loses the pointer that it has caught.
 */
function useWhileHeld(isHeld: boolean, hold: React.RefObject<Hold | undefined>, calls: Calls): void {
  const latest = useRef(calls);
  useEffect(() => {
    latest.current = calls;
  });
  useEffect(() => {
    if (!isHeld) return;
    const heard = new AbortController();
    const hear = (name: 'pointermove' | 'pointerup' | 'pointercancel', call: keyof Calls): void => {
      const onPointer = ({ pointerId, clientY }: PointerEvent): void => {
        if (hold.current?.pointer !== pointerId) return;
        if (name !== 'pointercancel') hold.current.y = clientY;
        latest.current[call]();
      };
      window.addEventListener(name, onPointer, heard);
    };
    hear('pointermove', 'follow');
    hear('pointerup', 'drop');
    hear('pointercancel', 'cancel');
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') latest.current.cancel();
    };
    window.addEventListener('keydown', onKey, heard);
    const scroll = (): void => {
      if (hold.current && scrollAlong(hold.current)) latest.current.follow();
      frame = requestAnimationFrame(scroll);
    };
    let frame = requestAnimationFrame(scroll);
    return () => {
      heard.abort();
      cancelAnimationFrame(frame);
    };
  }, [isHeld, hold]);
}

function sideOf(from: number, to: number): 'before' | 'after' {
  return to < from ? 'before' : 'after';
}

/** Return the place of the row at the height `y`, as the index among its siblings. */
function placeAt(list: HTMLElement, y: number, from: number): number {
  const middles = [...list.children].map((row) => {
    const { top, height } = row.getBoundingClientRect();
    return top + height / 2;
  });
  const above = middles.filter((middle, index) => index !== from && middle < y).length;
  return Math.min(above, middles.length - 1);
}

/** Scroll the page if the pointer is near its edge, and return whether it did. */
function scrollAlong({ list, y }: Hold): boolean {
  const page = list?.closest('main');
  if (!page) return false;
  const { top, bottom } = page.getBoundingClientRect();
  const step = y > bottom - EDGE ? SCROLL_STEP : y < top + EDGE ? -SCROLL_STEP : 0;
  if (step !== 0) page.scrollBy(0, step);
  return step !== 0;
}
