/** Draws lines across the axes, so many in each frame that the page stays responsive. */

import type { Axis } from './lines';

/** Lines of one frame: about eight milliseconds of drawing without a graphics processor. */
const CHUNK = 800;
/** Colours that lines differ by. */
export const SHADES = 16;

export interface Picture {
  axes: Axis[];
  /** Where each axis stands, in pixels. */
  xs: number[];
  top: number;
  bottom: number;
  /** The colour of each shade, from the least to the most; the last one beyond them is for lines without a value. */
  colours: string[];
  /** The axis whose values are the colours. */
  shade: Axis | undefined;
  alpha: number;
}

/** Draw `lines` in steps; returns how to stop. */
export function drawLines(
  context: CanvasRenderingContext2D,
  picture: Picture,
  lines: Uint32Array,
): () => void {
  const { width, height } = context.canvas;
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.restore();
  context.lineWidth = 1;
  context.globalAlpha = picture.alpha;
  let [next, frame] = [0, 0];
  const step = (): void => {
    drawChunk(context, picture, lines.subarray(next, next + CHUNK));
    next += CHUNK;
    if (next < lines.length) frame = requestAnimationFrame(step);
  };
  step();
  return () => {
    cancelAnimationFrame(frame);
  };
}

function drawChunk(context: CanvasRenderingContext2D, picture: Picture, lines: Uint32Array): void {
  const shades: number[][] = picture.colours.map(() => []);
  for (const line of lines) shades[shadeOf(picture, line)]?.push(line);
  shades.forEach((some, shade) => {
    if (some.length === 0) return;
    context.strokeStyle = picture.colours[shade] ?? '';
    context.beginPath();
    for (const line of some) trace(context, picture, line);
    context.stroke();
  });
}

function shadeOf({ shade, colours }: Picture, line: number): number {
  const place = shade?.places[line] ?? NaN;
  return Number.isNaN(place) ? colours.length - 1 : Math.min(SHADES - 1, Math.floor(place * SHADES));
}

/** A line has a gap where its job has no value. */
function trace(context: CanvasRenderingContext2D, { axes, xs, top, bottom }: Picture, line: number): void {
  let isDrawing = false;
  for (let index = 0; index < axes.length; index += 1) {
    const place = axes[index]?.places[line] ?? NaN;
    const x = xs[index] ?? 0;
    const y = bottom - place * (bottom - top);
    if (Number.isNaN(place)) isDrawing = false;
    else if (isDrawing) context.lineTo(x, y);
    else {
      context.moveTo(x, y);
      isDrawing = true;
    }
  }
}

/** Colours from little to much that people with any kind of colour vision can order: dark blue over grey to yellow. */
const RAMP: Record<'light' | 'dark', [number, number, number][]> = {
  light: [
    [28, 52, 122],
    [58, 86, 150],
    [112, 116, 128],
    [168, 140, 82],
    [214, 158, 20],
  ],
  dark: [
    [88, 118, 220],
    [112, 140, 210],
    [150, 152, 160],
    [206, 186, 110],
    [250, 214, 70],
  ],
};

/** Return the colours of the shades, and behind them that of lines without a value. */
export function shadesOf(scheme: 'light' | 'dark', without: string): string[] {
  const ramp = RAMP[scheme];
  const shades = Array.from({ length: SHADES }, (_, index) => {
    const place = (index / (SHADES - 1)) * (ramp.length - 1);
    const [low, high] = [ramp[Math.floor(place)], ramp[Math.ceil(place)]];
    const part = place % 1;
    const mixed = [0, 1, 2].map((channel) =>
      Math.round((low?.[channel] ?? 0) * (1 - part) + (high?.[channel] ?? 0) * part),
    );
    return `rgb(${mixed.join()})`;
  });
  return [...shades, without];
}
