/** The viewers that bring much code, loaded when a file needs them. */

import { lazy } from 'react';

export const PlotlyViewer = lazy(() =>
  import('./PlotlyViewer').then(({ PlotlyViewer: viewer }) => ({ default: viewer })),
);
export const VegaViewer = lazy(() =>
  import('./VegaViewer').then(({ VegaViewer: viewer }) => ({ default: viewer })),
);
export const TableViewer = lazy(() =>
  import('./TableViewer').then(({ TableViewer: viewer }) => ({ default: viewer })),
);
export const JsonViewer = lazy(() =>
  import('./JsonViewer').then(({ JsonViewer: viewer }) => ({ default: viewer })),
);
export const MarkdownViewer = lazy(() =>
  import('./MarkdownViewer').then(({ MarkdownViewer: viewer }) => ({ default: viewer })),
);
