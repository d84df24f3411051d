/** Names as the language writes them in which the server filters jobs. */

/** A name that needs no quotes. */
const BARE = /^[\w/:@%#-]+(\.[\w/:@%#-]+)*$/;

/** Return the field of a tag; alone, it asks for the jobs that have it. */
export function tagField(name: string): string {
  return `tags.${written(name)}`;
}

/** Return a name, in quotes where it needs them. */
export function written(name: string): string {
  return BARE.test(name) ? name : quoted(name);
}

/** Return a text as the language writes it. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
