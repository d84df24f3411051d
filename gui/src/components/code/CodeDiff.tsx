import { MergeView } from '@codemirror/merge';
import { useEffect, useRef } from 'react';

import classes from './CodeView.module.css';
import { readOnly } from './editorLook';

/** Lines around a change that stay in sight, and the shortest run of equal lines that is folded. */
const FOLD = { margin: 3, minSize: 6 };
/** Milliseconds after which a careful comparison gives way to a quick one. */
const PATIENCE = 500;

interface Side {
  /** Whose file it is. */
  label: string;
  text: string;
}

interface CodeDiffProps {
  path: string;
  before: Side;
  after: Side;
}

/** Two states of a file side by side; what is equal is folded, and unfolds when it is clicked. */
export function CodeDiff({ path, before, after }: CodeDiffProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [{ label: labelA, text: textA }, { label: labelB, text: textB }] = [before, after];

  useEffect(() => {
    if (!frame.current) return;
    const view = new MergeView({
      a: { doc: textA, extensions: readOnly(path, `${path} of ${labelA}`) },
      b: { doc: textB, extensions: readOnly(path, `${path} of ${labelB}`) },
      parent: frame.current,
      gutter: true,
      collapseUnchanged: FOLD,
      diffConfig: { scanLimit: 2000, timeout: PATIENCE },
    });
    return () => {
      view.destroy();
    };
  }, [path, labelA, textA, labelB, textB]);

  return <div ref={frame} className={classes.frame} data-class="code-difference" />;
}
