/** The colours that programs write for terminals. */

/** A piece of a line that looks the same throughout. */
export interface Span {
  text: string;
  /** One of the sixteen colours of a terminal, or any colour of CSS. */
  colour?: number | string | undefined;
  isBold?: boolean;
  isDim?: boolean;
  isItalic?: boolean;
  isUnderlined?: boolean;
}

type Style = Omit<Span, 'text'>;

// What a terminal obeys: looks (ending with m), cursor movements, titles and links.
// eslint-disable-next-line no-control-regex
const CODES = /\u001b(?:\[([0-?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** Return a line without codes for terminals, and as its last carriage return left it. */
export function plainText(line: string): string {
  return (line.includes('\u001b') ? line.replace(CODES, '') : line).replace(/\r+$/, '').replace(/^.*\r/s, '');
}

/** Return a line as pieces of one look each. Looks do not reach into the next line. */
export function toSpans(line: string): Span[] {
  const last = line.replace(/\r+$/, '').replace(/^.*\r/s, '');
  if (!last.includes('\u001b')) return [{ text: last }];
  const spans: Span[] = [];
  let [style, from]: [Style, number] = [{}, 0];
  for (const match of last.matchAll(CODES)) {
    if (match.index > from) spans.push({ ...style, text: last.slice(from, match.index) });
    from = match.index + match[0].length;
    if (match[2] === 'm') style = restyled(style, match[1] ?? '');
  }
  if (from < last.length) spans.push({ ...style, text: last.slice(from) });
  return spans;
}

function restyled(before: Style, codes: string): Style {
  const rest = codes.split(/[;:]/).map(Number);
  let style = before;
  while (rest.length > 0) style = withCode(style, rest.shift() ?? 0, rest);
  return style;
}

/** Return `style` after one code; a colour takes its numbers from `rest`. */
function withCode(style: Style, code: number, rest: number[]): Style {
  if (code === 0) return {};
  if (code === 1) return { ...style, isBold: true };
  if (code === 2) return { ...style, isDim: true };
  if (code === 3) return { ...style, isItalic: true };
  if (code === 4) return { ...style, isUnderlined: true };
  if (code === 22) return { ...style, isBold: false, isDim: false };
  if (code === 23) return { ...style, isItalic: false };
  if (code === 24) return { ...style, isUnderlined: false };
  if (code >= 30 && code <= 37) return { ...style, colour: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, colour: code - 82 };
  if (code === 38) return withColour(style, rest);
  if (code === 48) void paletteColour(rest); // a background: the page has its own, but its numbers are no codes
  if (code === 39) return { ...style, colour: undefined };
  return style;
}

function withColour(style: Style, rest: number[]): Style {
  const colour = paletteColour(rest);
  return colour === undefined ? style : { ...style, colour };
}

/** Take a colour from the numbers behind a 38 or 48: `5;n` of 256, or `2;r;g;b`. */
function paletteColour(rest: number[]): number | string | undefined {
  const kind = rest.shift();
  if (kind === 2) return `rgb(${rest.splice(0, 3).join(' ')})`;
  if (kind !== 5) return undefined;
  const index = rest.shift() ?? 0;
  if (index < 16) return index;
  if (index >= 232)
    return `rgb(${Array(3)
      .fill((index - 232) * 10 + 8)
      .join(' ')})`;
  const level = (digit: number): number => (digit === 0 ? 0 : digit * 40 + 55);
  const cube = index - 16;
  return `rgb(${[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level).join(' ')})`;
}

/** Return the pieces cut so that every place where `words` (in lower case) stands is a piece of its own, and marked. */
export function markWords(spans: Span[], words: string): (Span & { isMarked?: boolean })[] {
  const line = spans
    .map(({ text }) => text)
    .join('')
    .toLowerCase();
  if (words === '' || !line.includes(words)) return spans;
  const isMarked = placesOf(line, words);
  let at = 0;
  return spans.flatMap(({ text, ...style }) => {
    const pieces: (Span & { isMarked?: boolean })[] = [];
    for (const letter of text) {
      const marked = isMarked[at] ?? false;
      at += letter.length;
      const last = pieces.at(-1);
      if (last && (last.isMarked ?? false) === marked) last.text += letter;
      else pieces.push({ ...style, text: letter, ...(marked && { isMarked: true }) });
    }
    return pieces;
  });
}

function placesOf(line: string, words: string): boolean[] {
  const marks = new Array<boolean>(line.length).fill(false);
  for (let at = line.indexOf(words); at >= 0; at = line.indexOf(words, at + words.length)) {
    marks.fill(true, at, at + words.length);
  }
  return marks;
}
