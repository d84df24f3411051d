/** What the address says about a job's page, so that a link shows what its sender saw. */

export const TABS = ['artifacts', 'code', 'environment'] as const;

/** A part of the page; the overview has no name in the address. */
export type JobTab = (typeof TABS)[number];

export interface JobSearch {
  tab?: JobTab;
  /** What is opened in that part. */
  file?: string;
  /** The line of that file that is shown. */
  line?: number;
}

/** Return the known parts of an address's search. */
export function parseJobSearch({ tab, file, line }: Record<string, unknown>): JobSearch {
  const known = TABS.find((name) => name === tab);
  if (!known) return {};
  return {
    tab: known,
    ...((typeof file === 'string' || typeof file === 'number') && { file: String(file) }),
    ...(typeof line === 'number' && line > 0 && { line }),
  };
}
