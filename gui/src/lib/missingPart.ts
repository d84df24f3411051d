/** Parts of the page that are loaded when they are needed, and may not arrive. */

/** A part of the page that did not arrive: the server is away, or has a newer page, which names its parts otherwise. */
export class MissingPart extends Error {
  constructor(cause: unknown) {
    super('A part of the page did not arrive.', { cause });
    this.name = 'MissingPart';
  }
}

/** As browsers and the loader of style sheets say it. */
const WORDS =
  /dynamically imported module|importing a module script failed|unable to preload|loading (css )?chunk/i;

/** Whether an error says that a part of the page did not arrive. */
export function isMissingPart(error: unknown): boolean {
  return error instanceof MissingPart || (error instanceof Error && WORDS.test(error.message));
}

/** Return `load` with one kind of error, so that nobody but us decides what happens then. */
export function partBy<Part>(load: () => Promise<Part>): () => Promise<Part> {
  return () =>
    load().catch((error: unknown) => {
      throw new MissingPart(error);
    });
}
