import { useComputedColorScheme } from '@mantine/core';
import Plotly from 'plotly.js-strict-dist-min';
import { useEffect, useRef } from 'react';

import type { Value } from '@/types/api';

import classes from './viewers.module.css';

interface PlotlyViewerProps {
  /** A figure as plotly writes it: `data` and `layout`. */
  figure: Record<string, Value>;
  name: string;
}

/** A figure of plotly, as lively as it was where it was made. */
export function PlotlyViewer({ figure, name }: PlotlyViewerProps) {
  const frame = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const given = structuredClone(figure['layout']) as object | null;
    const layout = { autosize: true, ...given, ...looksOf(style), width: undefined };
    void Plotly.newPlot(element, structuredClone(figure['data']) ?? [], layout, {
      responsive: true,
      displaylogo: false,
    });
    return () => {
      Plotly.purge(element);
    };
    // A figure keeps the colours that it was made with, hence the scheme.
  }, [figure, scheme]);

  return <div ref={frame} className={classes.figure} role="img" aria-label={name} />;
}

function looksOf(style: CSSStyleDeclaration) {
  const font = { family: style.fontFamily, color: style.getPropertyValue('--text') };
  return { paper_bgcolor: 'transparent', plot_bgcolor: 'transparent', font };
}
