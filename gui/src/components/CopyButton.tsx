import { ActionIcon, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';

import { copyText } from '@/lib/clipboard';

import { Icon } from './Icon';

type Outcome = 'copied' | 'refused';

/** Milliseconds for which the outcome stays to be read. */
const SHOWN = 1500;

const LABELS: Record<Outcome, string> = { copied: 'Copied', refused: 'The browser did not allow it' };

interface CopyButtonProps {
  text: string;
  /** What is copied, as in "Copy job ID". */
  label: string;
}

/** Copies a text and says whether that worked. */
export function CopyButton({ text, label }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome>();

  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => {
      setOutcome(undefined);
    }, SHOWN);
    return () => {
      clearTimeout(timer);
    };
  }, [outcome]);

  const copy = async (): Promise<void> => {
    setOutcome((await copyText(text)) ? 'copied' : 'refused');
  };

  const words = outcome ? LABELS[outcome] : label;
  return (
    <Tooltip label={words} openDelay={400} {...(outcome && { opened: true })}>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={words} onClick={() => void copy()}>
        <Icon name={outcome === 'copied' ? 'check' : 'copy'} size={14} />
      </ActionIcon>
    </Tooltip>
  );
}
