/** A piece of the line by which a job is drawn. */
export function LineSwatch({
  look: { colour, dash },
}: {
  look: { colour: string; dash?: number[] | undefined };
}) {
  return (
    <svg width={22} height={8} style={{ flex: 'none' }} aria-hidden>
      <line
        x1={0}
        x2={22}
        y1={4}
        y2={4}
        stroke={`var(${colour})`}
        strokeWidth={2.5}
        strokeDasharray={dash?.join(' ')}
      />
    </svg>
  );
}
