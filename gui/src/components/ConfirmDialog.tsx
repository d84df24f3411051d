import { Button, Modal } from '@mantine/core';

import classes from './ConfirmDialog.module.css';

export interface Question {
  title: string;
  /** What will happen, in a sentence or two. */
  text: React.ReactNode;
  /** The button that does it, as in "Stop the job". */
  action: string;
  onConfirm: () => void;
}

interface ConfirmDialogProps {
  /** What is asked now; undefined shows nothing. */
  question: Question | undefined;
  onClose: () => void;
}

/** Asks before something is done that cannot be undone. Escape, or the first button, leaves things as they are. */
export function ConfirmDialog({ question, onClose }: ConfirmDialogProps) {
  return (
    <Modal
      opened={question !== undefined}
      onClose={onClose}
      title={question?.title}
      centered
      size="sm"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={classes.text}>{question?.text}</div>
      <div className={classes.actions}>
        <Button variant="default" size="xs" onClick={onClose} data-autofocus>
          Leave it
        </Button>
        <Button
          size="xs"
          className={classes.danger ?? ''}
          onClick={() => {
            question?.onConfirm();
            onClose();
          }}
        >
          {question?.action}
        </Button>
      </div>
    </Modal>
  );
}
