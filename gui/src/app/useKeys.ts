import { useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

import { PATIENCE } from './shortcuts';

interface Acts {
  openPalette: () => void;
  showKeys: () => void;
  switchColours: () => void;
}

/** Listen to the keys that work on every page. Letters are left alone where somebody types. */
export function useKeys({ openPalette, showKeys, switchColours }: Acts): void {
  const navigate = useNavigate();
  useHotkeys([['mod+K', openPalette]], []);
  useHotkeys([
    ['shift+?', showKeys],
    ['?', showKeys],
    ['t', switchColours],
  ]);
  useSecondKey({
    p: () => void navigate({ to: '/projects' }),
    q: () => void navigate({ to: '/queue' }),
  });
}

/** Call what belongs to the key that follows a "g". */
function useSecondKey(places: Record<string, () => void>): void {
  const pressed = useRef(-Infinity);
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === 'g') pressed.current = event.timeStamp;
      else {
        const isSecond = event.timeStamp - pressed.current < PATIENCE;
        pressed.current = -Infinity;
        if (isSecond) places[event.key]?.();
      }
    };
    document.addEventListener('keydown', listen);
    return () => {
      document.removeEventListener('keydown', listen);
    };
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
