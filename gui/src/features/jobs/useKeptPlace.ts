import { useRouter } from '@tanstack/react-router';
import { useLayoutEffect } from 'react';

/** Where tables were left, by the entry of the browser's history that showed them. */
const places = new Map<string, { top: number; left: number }>();
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
    const known = places.get(keyOf(entry));
    if (known) [element.scrollTop, element.scrollLeft] = [known.top, known.left];
    // A change of the filter or the columns makes another entry of the same table.
    const unsubscribe = history.subscribe(({ location, action }) => {
      if (action.type === 'REPLACE' && location.pathname === entry.pathname) entry = location;
    });
    return () => {
      unsubscribe();
      remember(keyOf(entry), { top: element.scrollTop, left: element.scrollLeft });
    };
  }, [frame, history]);
}

function keyOf({ state, href }: { state: { __TSR_key?: string }; href: string }): string {
  return state.__TSR_key ?? href;
}

function remember(key: string, place: { top: number; left: number }): void {
  places.delete(key);
  places.set(key, place);
  const [oldest] = places.keys();
  if (places.size > MOST && oldest !== undefined) places.delete(oldest);
}
