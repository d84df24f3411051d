/** Reads a filter that somebody is writing: its words, and what may stand where the caret is. */

export type WordKind = 'text' | 'number' | 'word' | 'symbol' | 'wrong';

export interface Word {
  kind: WordKind;
  text: string;
  start: number;
}

/** A sign of a name, in any script, as the server knows it. */
export const SIGN = String.raw`(?:\w|(?!\s)[\u0080-\uffff])`;
const TEXT = String.raw`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'`;
const NUMBER = String.raw`-?(?:\d+(?:\.\d+)?[wdhms])+(?!${SIGN}|\.)|-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?!${SIGN}|\.)`;
const NAME = String.raw`(?!\d)${SIGN}+(?:\.(?:${TEXT}|(?:${SIGN}|[/:@%#-])+))*\.?`;
const WORD = new RegExp(
  String.raw`(?<text>${TEXT})|(?<number>${NUMBER})|(?<word>${NAME})|(?<symbol>==|!=|<=|>=|[<>~()[\],-])|(?<wrong>\S+)`,
  'g',
);

const KINDS: WordKind[] = ['text', 'number', 'word', 'symbol', 'wrong'];
const KEYWORDS = ['and', 'or', 'not', 'in', 'exists', 'true', 'false', 'null', 'nan'];
const OPERATORS = ['==', '!=', '<', '<=', '>', '>=', '~'];

/** Return the words of a filter, those included that the language does not have. */
export function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)].map((match) => {
    const groups: Record<string, string | undefined> = match.groups ?? {};
    const kind = KINDS.find((each) => groups[each] !== undefined) ?? 'wrong';
    return { kind, text: match[0], start: match.index };
  });
}

export function isKeyword(text: string): boolean {
  return KEYWORDS.includes(text);
}

/** What may stand at a place. */
export type Wanted = 'field' | 'operator' | 'value' | 'joiner' | 'opening' | 'separator';

export interface Place {
  wanted: Wanted;
  /** The field that the value or the operator belongs to. */
  field: string;
  /** What is written of the word at the caret, and where it begins. */
  partial: string;
  start: number;
}

/** Return what may stand where the caret is, and what of it is there. */
export function placeAt(text: string, caret: number): Place {
  const words = wordsOf(text.slice(0, caret));
  const last = words.at(-1);
  const isPartial = last !== undefined && last.start + last.text.length === caret && !isClosed(last);
  const reader = new Reader();
  for (const word of isPartial ? words.slice(0, -1) : words) reader.read(word.text);
  return {
    wanted: reader.wanted,
    field: reader.field,
    partial: isPartial ? last.text : '',
    start: isPartial ? last.start : caret,
  };
}

/** Whether nothing can be added to a word. */
function isClosed({ kind, text }: Word): boolean {
  return kind === 'text' || (kind === 'symbol' && !['<', '>'].includes(text));
}

/** Follows the grammar as far as completion needs it. */
class Reader {
  wanted: Wanted = 'field';
  field = '';
  private isList = false;
  private isExists = false;

  read(word: string): void {
    this.wanted = this.after(word);
  }

  private after(word: string): Wanted {
    switch (this.wanted) {
      case 'field':
        return this.afterField(word);
      case 'operator':
        return this.afterOperator(word);
      case 'opening':
        this.isList = word === '[';
        return this.isList ? 'value' : 'opening';
      case 'value':
        return this.isList ? 'separator' : 'joiner';
      case 'separator':
        if (word === ',') return 'value';
        this.isList = false;
        return 'joiner';
      default:
        return word === 'and' || word === 'or' ? 'field' : 'joiner';
    }
  }

  private afterField(word: string): Wanted {
    if (word === 'exists') this.isExists = true;
    if (word === 'not' || word === '(' || word === 'exists') return 'field';
    this.field = word;
    return 'operator';
  }

  private afterOperator(word: string): Wanted {
    if (OPERATORS.includes(word)) return 'value';
    if (word === 'in') return 'opening';
    if (word === ')' && this.isExists) {
      this.isExists = false;
      return 'joiner';
    }
    return word === 'and' || word === 'or' ? 'field' : 'operator';
  }
}
