import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';

import classes from './CodeView.module.css';
import { readOnly } from './editorLook';

interface CodeViewProps {
  /** Tells the language too. */
  path: string;
  text: string;
}

/** A file of code, to be read. */
export function CodeView({ path, text }: CodeViewProps) {
  const frame = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!frame.current) return;
    const view = new EditorView({
      doc: text,
      parent: frame.current,
      extensions: readOnly(path, `Content of ${path}`),
    });
    return () => {
      view.destroy();
    };
  }, [path, text]);

  return <div ref={frame} className={classes.frame} />;
}
