import type { Extension } from '@codemirror/state';
import { Decoration, EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';

import classes from './CodeView.module.css';
import { readOnly } from './editorLook';

const SOUGHT = Decoration.line({ class: 'cm-soughtLine' });

interface CodeViewProps {
  /** Tells the language too. */
  path: string;
  text: string;
  /** A line to bring into sight and to mark, counted from 1. */
  line?: number | undefined;
}

/** A file of code, to be read. */
export function CodeView({ path, text, line }: CodeViewProps) {
  const frame = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!frame.current) return;
    const view = new EditorView({
      doc: text,
      parent: frame.current,
      extensions: [readOnly(path, `Content of ${path}`), line === undefined ? [] : marked(line)],
    });
    const { doc } = view.state;
    if (line !== undefined && line <= doc.lines)
      view.dispatch({ effects: EditorView.scrollIntoView(doc.line(line).from, { y: 'center' }) });
    return () => {
      view.destroy();
    };
  }, [path, text, line]);

  return <div ref={frame} className={classes.frame} />;
}

function marked(line: number): Extension {
  return EditorView.decorations.of(({ state: { doc } }) =>
    line <= doc.lines ? Decoration.set(SOUGHT.range(doc.line(line).from)) : Decoration.none,
  );
}
