/** What several numbers are like together. */

/** Of the numbers of a group. */
export interface Spread {
  count: number;
  mean: number;
  /** The standard deviation of the jobs; 0 for one. */
  deviation: number;
  min: number;
  max: number;
}

/** Return what numbers are like; undefined where there is none. */
export function spreadOfNumbers(numbers: number[]): Spread | undefined {
  if (numbers.length === 0) return undefined;
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const squares = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0);
  return {
    count: numbers.length,
    mean,
    deviation: numbers.length > 1 ? Math.sqrt(squares / (numbers.length - 1)) : 0,
    min: numbers.reduce((one, other) => Math.min(one, other)),
    max: numbers.reduce((one, other) => Math.max(one, other)),
  };
}
