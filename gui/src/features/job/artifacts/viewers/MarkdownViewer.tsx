import { useState } from 'react';

import { Choice } from '@/components/Choice';
import { LazyCodeView } from '@/components/code/lazyCode';
import { Markdown } from '@/components/Markdown';

import classes from './viewers.module.css';

const LOOKS = [
  { value: 'read', label: 'Text' },
  { value: 'source', label: 'Source' },
] as const;

/** A text with Markdown: as it reads, or as it is written. */
export function MarkdownViewer({ text, name }: { text: string; name: string }) {
  const [look, setLook] = useState<'read' | 'source'>('read');
  return (
    <div className={classes.markdown}>
      <Choice label="Shown as" value={look} options={LOOKS} onChange={setLook} />
      {look === 'source' ? <LazyCodeView path={name} text={text} /> : <Markdown text={text} />}
    </div>
  );
}
