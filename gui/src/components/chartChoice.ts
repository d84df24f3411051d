/** How charts are drawn, as people choose it. */

import type { Axis } from '@/lib/chartData';

import type { PlotStyle } from './plotColumns';

export interface ChartChoice extends PlotStyle {
  axis: Axis;
  /** A metric that stands on the horizontal axis in place of `axis`. */
  xMetric?: string | undefined;
}

export const PLAIN: ChartChoice = { axis: 'step', isLog: false, smoothing: 0 };
