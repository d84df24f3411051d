import classes from './Hint.module.css';

interface HintProps {
  children: React.ReactNode;
  /** `status` tells a screen reader when it may. */
  role?: 'status';
}

/** What stands in place of a part of a page that has nothing to show: why, and perhaps the next step. */
export function Hint({ children, role }: HintProps) {
  return (
    <p className={classes.hint} role={role}>
      {children}
    </p>
  );
}
