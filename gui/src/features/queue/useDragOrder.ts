import { useState } from 'react';

/** A row that is held, and the place that it would take if it were let go now. */
interface Drag {
  from: number;
  to: number;
}

/** Pixels from the edge of the page at which it scrolls along. */
const EDGE = 60;
const SCROLL_STEP = 14;

/**
 * Let people drag the rows of a list by a handle, with a mouse, a pen or a finger. `onDrop` hears where a row came from
 * and its new place. Escape, like a touch that the browser takes back, leaves everything as it was.
 */
export function useDragOrder(onDrop: (from: number, to: number) => void) {
  const [drag, setDrag] = useState<Drag>();

  const handle = (index: number) => ({
    onPointerDown: (event: React.PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setDrag({ from: index, to: index });
    },
    onPointerMove: (event: React.PointerEvent<HTMLElement>) => {
      if (drag?.from !== index) return;
      scrollAlong(event.currentTarget, event.clientY);
      const to = placeAt(event.currentTarget, event.clientY, index);
      if (to !== drag.to) setDrag({ from: index, to });
    },
    onPointerUp: () => {
      if (drag && drag.to !== drag.from) onDrop(drag.from, drag.to);
      setDrag(undefined);
    },
    onPointerCancel: () => {
      setDrag(undefined);
    },
  });

  return {
    handle,
    /** Forget the row that is held. */
    cancel: () => {
      setDrag(undefined);
    },
    looks: (index: number) => ({
      'data-dragged': drag?.from === index || undefined,
      'data-drop': drag && drag.to === index && drag.to !== drag.from ? sideOf(drag) : undefined,
    }),
  };
}

function sideOf({ from, to }: Drag): 'before' | 'after' {
  return to < from ? 'before' : 'after';
}

/** Return the place of the row under `y`, as the index among its siblings. */
function placeAt(handle: HTMLElement, y: number, from: number): number {
  const rows = [...(handle.closest('ul')?.children ?? [])];
  const middles = rows.map((row) => {
    const { top, height } = row.getBoundingClientRect();
    return top + height / 2;
  });
  const above = middles.filter((middle, index) => index !== from && middle < y).length;
  return Math.min(above, rows.length - 1);
}

function scrollAlong(handle: HTMLElement, y: number): void {
  const page = handle.closest('main');
  if (!page) return;
  const { top, bottom } = page.getBoundingClientRect();
  if (y > bottom - EDGE) page.scrollBy(0, SCROLL_STEP);
  if (y < top + EDGE) page.scrollBy(0, -SCROLL_STEP);
}
