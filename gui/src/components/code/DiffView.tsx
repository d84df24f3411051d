import { Icon } from '@/components/Icon';
import { parseDiff, type DiffLine, type FileDiff } from '@/lib/unifiedDiff';
import { formatCount } from '@/lib/values';

import classes from './DiffView.module.css';

const SIGNS = { added: '+', removed: '−', same: ' ', place: '' } as const;

/** What `git diff` printed, file by file. */
export function DiffView({ diff }: { diff: string }) {
  return (
    <div className={classes.files}>
      {parseDiff(diff).map((file) => (
        <FileChanges key={file.path} file={file} />
      ))}
    </div>
  );
}

function FileChanges({ file: { path, lines, added, removed } }: { file: FileDiff }) {
  return (
    <details className={classes.file} open>
      <summary className={classes.head}>
        <Icon name="chevron" size={11} />
        <span className={classes.path}>{path}</span>
        <span className={classes.added}>+{formatCount(added)}</span>
        <span className={classes.removed}>−{formatCount(removed)}</span>
      </summary>
      <div className={classes.lines} tabIndex={0} role="region" aria-label={`Changes of ${path}`}>
        <table className={classes.table}>
          <tbody>
            {lines.map((line, index) => (
              <Line key={index} line={line} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Line({ line: { kind, text, before, after } }: { line: DiffLine }) {
  return (
    <tr className={classes.line} data-kind={kind}>
      <td className={classes.number}>{before}</td>
      <td className={classes.number}>{after}</td>
      <td className={classes.sign}>{SIGNS[kind]}</td>
      <td className={classes.text}>{text}</td>
    </tr>
  );
}
