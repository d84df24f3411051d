import MarkdownIt from 'markdown-it';
import { useMemo } from 'react';

import classes from './Markdown.module.css';

// HTML in the text is shown as text, and addresses that run code are no links.
const markdown = new MarkdownIt({ html: false, linkify: true });

/** Text with Markdown as people read it. */
export function Markdown({ text }: { text: string }) {
  const html = useMemo(() => markdown.render(text), [text]);
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: html }} />;
}
