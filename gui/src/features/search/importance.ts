/** Which parameters matter: how much of the order of the trials each of them accounts for. */

import { ownValue } from '@/lib/values';
import type { Value } from '@/types/api';

import { numbersOf } from './parameterAxis';
import type { Trial } from './trials';

export interface Importance {
  /** The share, from 0 to 1, of the differences in rank that lie between the groups of the parameter's values. */
  share: number;
  /** Whether chance alone would hardly bring as large a share about. */
  isClear: boolean;
}

/** Trials with a value that are needed before anything is said. */
export const FEWEST = 20;
/** Groups into which numbers are cut, and trials that each of these has at least. */
const [MOST_GROUPS, GROUP] = [6, 5];
/** What one in a hundred draws of a standard normal variable exceeds. */
const ONE_IN_A_HUNDRED = 2.326;

/**
 * Return how much a parameter matters to the metric, by the test of Kruskal and Wallis: trials are ranked by the
 * metric and grouped by the parameter, numbers into as many groups of one size as there are trials for. The share is
 * their epsilon squared, adjusted for the number of groups, so that it is about 0 where nothing but chance is at work.
 * Ranks make it blind to the scale of the metric, and groups let it see an optimum in the middle, which a correlation
 * misses. Each parameter is looked at alone. Returns undefined where too few trials can tell.
 */
export function importanceOf(trials: Trial[], name: string): Importance | undefined {
  const judged = trials.flatMap(({ job, value }) => {
    const given = ownValue(job.parameters, name);
    return value === undefined || given === undefined ? [] : [{ value, given }];
  });
  const ranks = ranksOf(judged.map(({ value }) => value));
  const groups = groupsOf(judged.map(({ given }) => given));
  const [count, groupCount] = [judged.length, new Set(groups).size];
  if (count < FEWEST || groupCount < 2 || count < groupCount * 2) return undefined;
  const between = betweenGroups(ranks, groups);
  if (between === undefined) return undefined;
  return {
    share: Math.max(0, 1 - ((1 - between) * (count - 1)) / (count - groupCount)),
    isClear: between * (count - 1) > chiSquare(groupCount - 1),
  };
}

/** Return the rank of each number; equal ones share theirs. */
export function ranksOf(values: number[]): number[] {
  const sorted = values.toSorted((left, right) => left - right);
  const [first, last] = [new Map<number, number>(), new Map<number, number>()];
  sorted.forEach((value, place) => {
    if (!first.has(value)) first.set(value, place);
    last.set(value, place);
  });
  return values.map((value) => ((first.get(value) ?? 0) + (last.get(value) ?? 0)) / 2);
}

/** Return the group of each value: a word is its own, numbers are cut into groups of one size. */
function groupsOf(values: Value[]): unknown[] {
  const numbers = numbersOf(values);
  const most = Math.min(MOST_GROUPS, Math.floor(values.length / GROUP));
  if (numbers === undefined || new Set(numbers).size <= most)
    return values.map((value) => JSON.stringify(value));
  return ranksOf(numbers).map((rank) => Math.floor((rank / numbers.length) * most));
}

/** Return the share of the variance of `ranks` that lies between the groups; undefined where all ranks are equal. */
function betweenGroups(ranks: number[], groups: unknown[]): number | undefined {
  const mean = (ranks.length - 1) / 2;
  const sums = new Map<unknown, { count: number; sum: number }>();
  ranks.forEach((rank, index) => {
    const group = sums.get(groups[index]) ?? { count: 0, sum: 0 };
    sums.set(groups[index], { count: group.count + 1, sum: group.sum + rank - mean });
  });
  const total = ranks.reduce((sum, rank) => sum + (rank - mean) ** 2, 0);
  if (total === 0) return undefined;
  return [...sums.values()].reduce((sum, group) => sum + group.sum ** 2 / group.count, 0) / total;
}

/** Return what one in a hundred draws of a chi-squared variable exceeds, as Wilson and Hilferty approximate it. */
function chiSquare(freedom: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + ONE_IN_A_HUNDRED * Math.sqrt(spread)) ** 3;
}
