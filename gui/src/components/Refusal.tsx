import { CloseButton } from '@mantine/core';

import classes from './Refusal.module.css';

interface RefusalProps {
  /** What could not be done, as in "The job could not be moved". */
  title: string;
  error: Error | null;
  onDismiss: () => void;
}

/** Says that the server refused a change, and why; what was shown meanwhile is as it was before. */
export function Refusal({ title, error, onDismiss }: RefusalProps) {
  if (!error) return null;
  return (
    <p className={classes.refusal} role="alert">
      <span>
        <strong>{title}.</strong> {error.message}
      </span>
      <CloseButton size="sm" aria-label="Dismiss" onClick={onDismiss} />
    </p>
  );
}
