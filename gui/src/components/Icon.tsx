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
  sortUp: 'M8 13V3.5M4.5 7 8 3.5 11.5 7',
  sortDown: 'M8 3v9.5M4.5 9 8 12.5 11.5 9',
} as const;

export type IconName = keyof typeof SHAPES;

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
