/** How code looks, read-only, in the colours of the page. */

import { json } from '@codemirror/lang-json';
import { python } from '@codemirror/lang-python';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting, type LanguageSupport } from '@codemirror/language';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const LANGUAGES: Record<string, () => LanguageSupport> = {
  py: python,
  pyi: python,
  ipynb: json,
  json,
  yaml,
  yml: yaml,
};

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.comment, tags.meta], color: 'var(--text-soft)', fontStyle: 'italic' },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.className], color: 'var(--code-name)' },
  { tag: [tags.propertyName], color: 'var(--code-name)' },
]);

const frame = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '0.8125rem' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
  '.cm-gutters': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text-faint)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { backgroundColor: 'var(--accent-soft)' },
  '.cm-soughtLine': { backgroundColor: 'var(--accent-soft)' },
  '.cm-cursor': { borderLeftColor: 'transparent' },
  '.cm-changedLine': { backgroundColor: 'var(--diff-new) !important' },
  '&.cm-merge-a .cm-changedLine': { backgroundColor: 'var(--diff-old) !important' },
  // A line below, rather than a stronger colour behind: code has many colours, and all must be read.
  '.cm-changedText': { background: 'none !important', boxShadow: 'inset 0 -2px var(--good)' },
  '&.cm-merge-a .cm-changedText': { background: 'none !important', boxShadow: 'inset 0 -2px var(--bad)' },
  '.cm-changeGutter': { width: '0' },
  '.cm-mergeSpacer': { backgroundColor: 'var(--surface-sunk)' },
  '.cm-collapsedLines': {
    background: 'var(--surface-sunk)',
    color: 'var(--text-soft)',
    fontFamily: 'inherit',
  },
  // The sign that stands there is in few fonts.
  '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"⋯"' },
});

/** Return what an editor needs to show the file at `path`, and to let nobody change it. */
export function readOnly(path: string, label: string): Extension[] {
  const language = LANGUAGES[path.split('.').at(-1)?.toLowerCase() ?? ''];
  return [
    frame,
    lineNumbers(),
    syntaxHighlighting(colours),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    ...(language ? [language()] : []),
  ];
}
