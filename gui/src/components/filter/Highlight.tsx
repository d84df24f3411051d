import { Fragment } from 'react';

import { RequestError } from '@/lib/request';

import classes from './FilterBox.module.css';
import { isKeyword, wordsOf, type Word } from './reading';

/** Why the server cannot read a filter. */
export interface Problem {
  /** The place of the wrong word, counted from 0. */
  start: number;
  end: number;
  sentence: string;
  /** Whether there is nothing wrong so far, only not enough. */
  isUnfinished: boolean;
}

/** Return what is wrong with a filter, if the server refused it for that. */
export function problemOf(error: Error | null, filter: string): Problem | undefined {
  if (!(error instanceof RequestError) || error.facts['field'] !== 'filter') return undefined;
  const { position, expected } = error.facts;
  const start = typeof position === 'number' ? position - 1 : 0;
  const word = wordsOf(filter).find((each) => each.start <= start && start < each.start + each.text.length);
  const isUnfinished = start >= filter.trimEnd().length;
  return {
    start,
    end: word ? word.start + word.text.length : start + 1,
    isUnfinished,
    sentence:
      isUnfinished && typeof expected === 'string'
        ? `Expected here: ${expected}`
        : error.message.replace(/^filter: at position \d+: /, ''),
  };
}

interface HighlightProps {
  text: string;
  problem: Problem | undefined;
  ref: React.Ref<HTMLDivElement>;
}

/** The filter in colours, behind the field whose own text is invisible. */
export function Highlight({ text, problem, ref }: HighlightProps) {
  const words = wordsOf(text);
  const endOf = (word: Word | undefined): number => (word ? word.start + word.text.length : 0);
  const parts = words.map((word, index) => {
    const isWrong =
      problem && !problem.isUnfinished && word.start <= problem.start && problem.start < endOf(word);
    return (
      <Fragment key={word.start}>
        {text.slice(endOf(words[index - 1]), word.start)}
        <span data-kind={kindOf(word)} data-wrong={isWrong || undefined}>
          {word.text}
        </span>
      </Fragment>
    );
  });
  return (
    <div ref={ref} className={classes.mirror} aria-hidden>
      {parts}
      {text.slice(endOf(words.at(-1)))}
    </div>
  );
}

function kindOf({ kind, text }: Word): string {
  return kind === 'word' && isKeyword(text) ? 'keyword' : kind;
}

export function FilterProblem({ id, problem }: { id: string; problem: Problem }) {
  return (
    <p id={id} className={classes.problem} role="status" data-unfinished={problem.isUnfinished || undefined}>
      {problem.sentence}
    </p>
  );
}
