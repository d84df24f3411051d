/** How lines of one chart are told apart. */

export interface LineLook {
  /** The name of a colour in tokens.css. */
  colour: string;
  dash?: number[];
}

/** Eight colours that people with any kind of colour vision tell apart; then the same ones, dashed. */
const COLOURS = 8;
const DASHES = [undefined, [6, 4], [2, 3], [9, 3, 2, 3]];

/** Return the look of the line with this number; thirty-two differ. */
export function lookOf(index: number): LineLook {
  const dash = DASHES[Math.floor(index / COLOURS) % DASHES.length];
  return { colour: `--line-${(index % COLOURS) + 1}`, ...(dash && { dash }) };
}
