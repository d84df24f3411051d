import { useEffect, useRef, useState } from 'react';

/** How far below or above what is seen something is near. */
const MARGIN = '240px';

/** Whether an element is in sight, or will be with the next turn of the wheel. */
export function useNear<Kind extends Element>() {
  const ref = useRef<Kind>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      (entries) => {
        setNear(entries.at(-1)?.isIntersecting ?? false);
      },
      { rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  return { ref, isNear };
}
