/** Reading tables that are written as text. */

export interface TextTable {
  head: string[];
  rows: string[][];
}

/**
 * Return the table in `text`: cells between commas (or tabs), quoted where they hold such signs.
 *
 * The head is as long as the longest row: a column that it does not name is called "".
 */
export function parseCsv(text: string, separator = ','): TextTable {
  const [first = [], ...rows] = records(text.replace(/^\uFEFF/, ''), separator);
  const width = rows.reduce((most, row) => Math.max(most, row.length), first.length);
  return { head: [...first, ...Array<string>(width - first.length).fill('')], rows };
}

function records(text: string, separator: string): string[][] {
  const found: string[][] = [];
  let [row, cell, isQuoted]: [string[], string, boolean] = [[], '', false];
  const endCell = (): void => {
    row.push(cell);
    cell = '';
  };
  const endRow = (): void => {
    endCell();
    if (row.length > 1 || row[0] !== '') found.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (isQuoted && sign === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (sign === '"' && (isQuoted || cell === '')) isQuoted = !isQuoted;
    else if (isQuoted) cell += sign;
    else if (sign === separator) endCell();
    else if (sign === '\n') endRow();
    else if (sign !== '\r') cell += sign;
  }
  if (cell !== '' || row.length > 0) endRow();
  return found;
}
