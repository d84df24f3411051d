import { useLayoutEffect } from 'react';

/** Calls `look`, which has to stay the same, with an element: before it is seen, and when it is scrolled or resized. */
export function useLook(
  frame: React.RefObject<HTMLElement | null>,
  look: (element: HTMLElement) => void,
): void {
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const lookAgain = (): void => {
      look(element);
    };
    lookAgain();
    const observer = new ResizeObserver(lookAgain);
    observer.observe(element);
    element.addEventListener('scroll', lookAgain, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', lookAgain);
    };
  }, [frame, look]);
}
