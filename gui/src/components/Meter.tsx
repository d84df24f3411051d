import classes from './Meter.module.css';

interface MeterProps {
  /** What is measured, as in "CPU cores". */
  label: string;
  used: number;
  total: number;
  /** The reading in words, as in "3 of 4". */
  words: string;
}

/** How much of something is in use: a bar with its words. */
export function Meter({ label, used, total, words }: MeterProps) {
  const share = total > 0 ? Math.min(1, used / total) : 0;
  return (
    <div className={classes.meter}>
      <span className={classes.label}>{label}</span>
      <span className={classes.words}>{words}</span>
      <span
        className={classes.bar}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={Math.min(used, total)}
        aria-valuetext={words}
      >
        <span className={classes.fill} style={{ width: `${share * 100}%` }} />
      </span>
    </div>
  );
}
