import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';

/** Milliseconds after the last letter at which the address says the filter too. */
const PAUSE = 350;

/**
 * The filter as it is being typed. The address follows after a pause: it is what a link and the way back restore, and
 * changing it at each letter would be slower than the filter itself.
 */
export function useFilterDraft(address: string, setAddress: (filter: string) => void) {
  const [draft, setDraft] = useState({ address, text: address });
  // Somebody went back, followed a link, or chose a view.
  if (draft.address !== address) {
    setDraft({ address, text: draft.text === address ? draft.text : address });
  }
  const tell = useDebouncedCallback(setAddress, PAUSE);
  const change = (text: string): void => {
    setDraft({ address, text });
    tell(text);
  };
  return [draft.text, change] as const;
}
