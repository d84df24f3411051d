import { useRouter } from '@tanstack/react-router';
import { useLayoutEffect } from 'react';

interface Place {
  top: number;
  left: number;
}

/** Where every table begins. */
const TOP: Place = { top: 0, left: 0 };
/** Where tables were left, by the entry of the browser's history that showed them. */
const places = new Map<string, Place>();
/** So many entries are remembered. */
const MOST = 50;

/**
 * Whoever comes back to a table finds the rows that they left.
 *
 * Call it before anything looks at where the frame is scrolled to.
 */
export function useKeptPlace(frame: React.RefObject<HTMLElement | null>): void {
  const { history } = useRouter();
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    let entry = history.location;
    let place = places.get(keyOf(entry)) ?? TOP;
    if (place !== TOP) scroll(element, place);
    // Not asked at the end: while a page is taken away, its parts move.
    const follow = (): void => {
      place = { top: element.scrollTop, left: element.scrollLeft };
    };
    element.addEventListener('scroll', follow, { passive: true });
    // A change of the filter or the columns makes another entry of the same table.
    const unsubscribe = history.subscribe(({ location, action }) => {
      if (action.type === 'REPLACE' && location.pathname === entry.pathname) entry = location;
    });
    return () => {
      unsubscribe();
      element.removeEventListener('scroll', follow);
      remember(keyOf(entry), place);
    };
  }, [frame, history]);
}

function keyOf({ state, href }: { state: { __TSR_key?: string }; href: string }): string {
  return state.__TSR_key ?? href;
}

function scroll(element: HTMLElement, { top, left }: Place): void {
  [element.scrollTop, element.scrollLeft] = [top, left];
}

function remember(key: string, place: Place): void {
  places.delete(key);
  places.set(key, place);
  const [oldest] = places.keys();
  if (places.size > MOST && oldest !== undefined) places.delete(oldest);
}
