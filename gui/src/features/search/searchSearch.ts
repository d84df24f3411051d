/** What the address says about the page of a hyper-parameter search. */

export type Goal = 'max' | 'min';

export interface SearchSearch {
  /** The metric by which trials are judged. */
  metric?: string;
  /** Whether its largest or its smallest value is best. */
  goal?: Goal;
}

/** Return the known parts of an address's search. */
export function parseSearchSearch({ metric, goal }: Record<string, unknown>): SearchSearch {
  return {
    ...((typeof metric === 'string' || typeof metric === 'number') && { metric: String(metric) }),
    ...((goal === 'max' || goal === 'min') && { goal }),
  };
}
