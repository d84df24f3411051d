import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';

import { Notice } from '@/components/Notice';
import { hasJustReloaded, reloadPage } from '@/lib/reloading';
import { get } from '@/lib/request';

/** Milliseconds between two questions whether the server is back. */
const PACE = 2000;

interface MissingPartPageProps {
  /** Loads the page again. */
  onBack?: () => void;
}

/**
 * What stands where a part of the page did not arrive. Once the server answers, the page is loaded again by itself:
 * what was missing is there then, also under the new name that a newer page gives it.
 */
export function MissingPartPage({ onBack = reloadPage }: MissingPartPageProps) {
  const [state, setState] = useState<'asking' | 'away' | 'stuck'>('asking');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = new AbortController();
    const ask = async (wasAway = false): Promise<void> => {
      if (await isThere(stop.signal)) {
        if (!wasAway && hasJustReloaded()) setState('stuck');
        else onBack();
      } else if (!stop.signal.aborted) {
        setState('away');
        timer = setTimeout(() => void ask(true), PACE);
      }
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [onBack]);
  if (state === 'asking') return null;
  if (state === 'stuck') return <Stuck onBack={onBack} />;
  return (
    <Notice title="The server does not answer" role="alert">
      <p>
        This part of the page has not been loaded yet. The page goes on by itself once the server is back;{' '}
        <code>atlas-server status</code> says what runs.
      </p>
    </Notice>
  );
}

function Stuck({ onBack }: { onBack: () => void }) {
  return (
    <Notice title="A part of the page did not arrive" role="alert">
      <p>The server answers, and yet a file of the page is not there. Its page may be being updated.</p>
      <Button variant="default" size="xs" onClick={onBack}>
        Load the page again
      </Button>
    </Notice>
  );
}

/** Whether the server gives out its page. */
async function isThere(signal: AbortSignal): Promise<boolean> {
  try {
    await get('/', signal, { 'Cache-Control': 'no-cache' });
    return true;
  } catch {
    return false;
  }
}
