/** The recent jobs of a project as a graph: one place a job, one line a metric. */

import { isSystem } from '@/lib/chartData';
import { numberOf } from '@/lib/values';
import type { JobSummary } from '@/types/api';

/** Whether a job has begun: one that waits has no place among those that ran. */
export function hasBegun({ start_time: start }: JobSummary): boolean {
  return start !== null;
}

/** Return the metrics that can be drawn: those of which every last value is a number. */
export function drawnMetrics(jobs: JobSummary[]): string[] {
  const names = new Map<string, boolean>();
  for (const { metrics } of jobs) {
    for (const [name, value] of Object.entries(metrics)) {
      names.set(name, (names.get(name) ?? true) && numberOf(value) !== undefined);
    }
  }
  return [...names].filter(([name, isNumber]) => isNumber && !isSystem(name)).map(([name]) => name);
}

/** Return the last values of a metric, the oldest job first; the places are counted from 1. */
export function lastValues(jobs: JobSummary[], metric: string): { x: number[]; y: (number | null)[] } {
  const oldestFirst = [...jobs].reverse();
  return {
    x: oldestFirst.map((_, place) => place + 1),
    y: oldestFirst.map(({ metrics }) => {
      const value = numberOf(metrics[metric]);
      return value !== undefined && Number.isFinite(value) ? value : null;
    }),
  };
}

/** Return the place to which a key leads from another, counted from 1; undefined for keys that lead nowhere. */
export function movedPlace(key: string, place: number, last: number): number | undefined {
  const steps: Partial<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -last, End: last };
  const step = steps[key];
  return step === undefined ? undefined : Math.max(1, Math.min(last, place + step));
}
