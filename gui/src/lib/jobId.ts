/** Ids of jobs, as people read them. */

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const WHOLE_UUID = new RegExp(`^${UUID.source}$`);

/** Return the id so short that a person can compare it; an id that somebody chose stays as it is. */
export function shortId(jobId: string): string {
  return WHOLE_UUID.test(jobId) ? jobId.slice(0, 8) : jobId;
}

/** Split a sentence at the ids in it. Every second part is an id. */
export function splitAtIds(sentence: string): string[] {
  return sentence.split(new RegExp(`(${UUID.source})`));
}
