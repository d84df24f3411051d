import { Fragment } from 'react';

/** A text in which what stands between backticks is code. */
export function CodeWords({ text }: { text: string }) {
  return text
    .split('`')
    .map((part, index) =>
      index % 2 === 0 ? <Fragment key={index}>{part}</Fragment> : <code key={index}>{part}</code>,
    );
}
