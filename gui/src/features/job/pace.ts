/** Whether a job that runs still goes on: how long ago it logged, and how often it did before. All in seconds. */

import { isSystem } from '@/lib/chartData';
import type { Job } from '@/types/api';

/** The last sign of a job that runs. */
export interface Sign {
  /** How long ago it was when the server answered. */
  ago: number;
  /** How long it was, on average, between two points of the metric that was logged most. */
  every: number;
}

/** Silences up to this are nothing, however fast the metrics came before. */
const SHORT = 60;
/** A silence of so many of the usual distances is a long one. */
const MANY = 10;

/** Return the last sign of a job; undefined while it has logged no metric. System metrics come whether it goes on or not. */
export function signOf({ metrics, start_time: start, duration }: Job): Sign | undefined {
  const own = Object.entries(metrics).flatMap(([name, summary]) => (isSystem(name) ? [] : [summary]));
  if (own.length === 0 || start === null || duration === null) return undefined;
  const last = Math.max(...own.map(({ last_time: time }) => time));
  const count = Math.max(...own.map((summary) => summary.count));
  return { ago: Math.max(0, start + duration - last), every: Math.max(0, last - start) / count };
}

/** Return how long the silence is, `since` seconds after the server answered, and whether it is unusual. */
export function silenceOf({ ago, every }: Sign, since: number): { ago: number; isLong: boolean } {
  const whole = ago + since;
  return { ago: whole, isLong: whole > Math.max(SHORT, MANY * every) };
}
