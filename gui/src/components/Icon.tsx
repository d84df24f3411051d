import type { SVGProps } from 'react';

/** Drawn on a 16 by 16 grid with one line width, so that they sit well beside text. */
const SHAPES = {
  check: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  clock: 'M8 1.9a6.1 6.1 0 1 1 0 12.2A6.1 6.1 0 0 1 8 1.9M8 4.8V8l2.2 1.6',
  search: 'M7 2.2a4.8 4.8 0 1 1 0 9.6 4.8 4.8 0 0 1 0-9.6M10.5 10.5 14 14',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  down: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  sun: 'M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6M8 1v1.4M8 13.6V15M1 8h1.4M13.6 8H15M3.1 3.1l1 1M11.9 11.9l1 1M3.1 12.9l1-1M11.9 4.1l1-1',
  moon: 'M13.4 9.6A5.8 5.8 0 1 1 6.4 2.6a4.6 4.6 0 0 0 7 7Z',
  file: 'M4 1.8h5l3.2 3.2v9.2H4zM8.8 2v3.2h3.2',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  grip: 'M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01',
  pin: 'M8 10v4M5 2.5h6M6 2.5v4L4 10h8l-2-3.5v-4',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  chart: 'M2.5 2.5v11h11M5.5 10.5v-3M8.5 10.5V5M11.5 10.5V7',
  table: 'M2.5 3h11v10h-11zM2.5 6.5h11M6.5 6.5V13',
  sound: 'M3 6.2v3.6h2.4L9 12.6V3.4L5.4 6.2zM11.2 6a3 3 0 0 1 0 4',
  play: 'M5 3.2v9.6L12.5 8z',
  trash: 'M2.8 4.3h10.4M6.3 4.3V2.6h3.4v1.7M4.2 4.3l.6 9.1h6.4l.6-9.1',
  folder: 'M1.8 3.4h4.4l1.5 1.8h6.5v7.6H1.8z',
  plus: 'M8 3.2v9.6M3.2 8h9.6',
  out: 'M6.5 3H3v10h10V9.5M9 3h4v4M13 3 7.5 8.5',
  command:
    'M6 6h4v4H6zM6 6H4.4A1.9 1.9 0 1 1 6 4.4zM10 6V4.4A1.9 1.9 0 1 1 11.6 6zM10 10h1.6a1.9 1.9 0 1 1-1.6 1.6zM6 10v1.6A1.9 1.9 0 1 1 4.4 10z',
  person: 'M8 2.4a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2M2.8 13.6c.4-2.8 2.4-4.2 5.2-4.2s4.8 1.4 5.2 4.2',
  sortUp: 'M8 13V3.5M4.5 7 8 3.5 11.5 7',
  sortDown: 'M8 3v9.5M4.5 9 8 12.5 11.5 9',
} as const;

export type IconName = keyof typeof SHAPES;

/** Every picture. */
export const ICONS = Object.keys(SHAPES) as IconName[];

interface IconProps extends SVGProps<SVGSVGElement> {
  name: IconName;
  size?: number;
}

/** A picture beside words that say the same; screen readers skip it. */
export function Icon({ name, size = 16, ...rest }: IconProps) {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
      {...rest}
    >
      <path d={SHAPES[name]} />
    </svg>
  );
}
