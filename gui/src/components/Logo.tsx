/** A summit in contour lines, which is also an A. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg
      viewBox="0 0 32 32"
      width={size}
      height={size}
      fill="none"
      stroke="var(--accent)"
      strokeLinejoin="round"
      strokeLinecap="round"
      aria-hidden
    >
      <path d="M3.5 27 16 4.5 28.5 27" strokeWidth="2.8" />
      <path d="M10 27 16 16.2 22 27" strokeWidth="2.4" />
    </svg>
  );
}
