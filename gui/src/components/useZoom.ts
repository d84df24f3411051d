import { useCallback, useState } from 'react';

import type { Zoom } from './Plot';
import type { PlotAxis } from './plotAxes';

/** Keep which part of a chart is looked at closely. It means nothing on another axis, where all is shown again. */
export function useZoom(axis: PlotAxis): [Zoom, (zoom: Zoom) => void] {
  const [kept, setKept] = useState<{ axis: PlotAxis; zoom: Zoom }>();
  const setZoom = useCallback(
    (zoom: Zoom) => {
      setKept({ axis, zoom });
    },
    [axis],
  );
  if (kept && kept.axis !== axis) setKept(undefined); // the plot forgets it too
  return [kept?.axis === axis ? kept.zoom : undefined, setZoom];
}
