/** Which line somebody looks at, known to all charts of a page without drawing the page anew. */

import type { PlotLine } from './plotColumns';

/** The chart that somebody looked at last. */
export interface LookedAt {
  name: string;
  lines: PlotLine[];
}

export class LineFocus {
  /** The name of the line; undefined when none is meant. */
  line: string | undefined;
  chart: LookedAt | undefined;
  private readonly listeners = new Set<() => void>();

  /** Look at a line, or at none. */
  look(line: string | undefined): void {
    if (this.line === line) return;
    this.line = line;
    this.tell();
  }

  /** Look at a chart, whose values then stand beside the names of its lines. */
  lookAt(chart: LookedAt): void {
    if (this.chart?.name === chart.name && this.chart.lines === chart.lines) return;
    this.chart = chart;
    this.tell();
  }

  /** Call `listener` at each change until the returned function is called. */
  readonly hear = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
