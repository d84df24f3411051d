import classes from './JobTable.module.css';

/** Pixels: the narrowest that a column can be made. */
const NARROWEST = 48;

interface ResizeHandleProps {
  width: number;
  /** undefined is as wide as it is by itself. */
  onWidth: (width: number | undefined) => void;
}

/** The edge of a column, which is dragged; a double click makes the column fit by itself again. */
export function ResizeHandle({ width, onWidth }: ResizeHandleProps) {
  const follow = (event: React.PointerEvent<HTMLElement>): void => {
    event.preventDefault(); // or the column itself would be dragged
    const handle = event.currentTarget;
    const heading = handle.closest('th');
    const col = handle.closest('table')?.querySelectorAll('col')[heading?.cellIndex ?? 0];
    handle.setPointerCapture(event.pointerId);
    const widthAt = (x: number): number => Math.max(NARROWEST, width + x - event.clientX);
    handle.onpointermove = ({ clientX }) => {
      // Drawn without React while it is dragged: a new width makes every cell anew.
      if (col) col.style.width = `${widthAt(clientX)}px`;
    };
    handle.onpointerup = ({ clientX }) => {
      handle.onpointermove = handle.onpointerup = null;
      if (clientX !== event.clientX) onWidth(widthAt(clientX));
    };
  };
  return (
    <span
      aria-hidden
      className={classes.resize}
      onPointerDown={follow}
      draggable
      onDragStart={(event) => {
        event.preventDefault();
        event.stopPropagation();
      }}
      onDoubleClick={() => {
        onWidth(undefined);
      }}
    />
  );
}
