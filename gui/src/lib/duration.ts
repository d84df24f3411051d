/** Spans of time. */

const UNITS: [string, number][] = [
  ['d', 86400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

/** Return seconds as the two largest units that matter: "2h 5m", "12s", "0.4s". */
export function formatDuration(seconds: number): string {
  if (seconds < 0.05) return '0s';
  if (seconds < 9.95) return `${seconds.toFixed(1).replace('.0', '')}s`;
  let rest = Math.round(seconds);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || parts.length > 0) parts.push(`${count}${unit}`);
    if (parts.length === 2) break;
  }
  return parts.filter((part, index) => index === 0 || !part.startsWith('0')).join(' ');
}

/** Return the seconds of the server's text, such as "0d1h2m3s"; undefined when it is none. */
export function parseDuration(text: string | null): number | undefined {
  const match = /^(\d+)d(\d+)h(\d+)m(\d+(?:\.\d+)?)s$/.exec(text ?? '');
  if (!match) return undefined;
  return UNITS.reduce((sum, [, size], index) => sum + Number(match[index + 1]) * size, 0);
}
