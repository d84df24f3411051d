import classes from './CodeBlock.module.css';
import { CopyButton } from './CopyButton';

/** Lines of code or a command, to read and to copy. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className={classes.block}>
      <pre className={classes.code} tabIndex={0}>
        <code>{code}</code>
      </pre>
      <span className={classes.copy}>
        <CopyButton text={code} label={label} />
      </span>
    </div>
  );
}
