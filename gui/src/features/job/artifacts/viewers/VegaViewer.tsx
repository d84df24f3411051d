import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { loader, parse, View, type Spec } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile, type Config, type TopLevelSpec } from 'vega-lite';

import type { Value } from '@/types/api';

import { asWide } from './vegaWidth';
import classes from './viewers.module.css';

interface VegaViewerProps {
  /** A specification of Vega or Vega-Lite. */
  spec: Record<string, Value>;
  name: string;
}

/** A figure of Vega or Vega-Lite. Its data must be in it: it reaches no server, and its expressions are no scripts. */
export function VegaViewer({ spec, name }: VegaViewerProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState<string>();
  const scheme = useComputedColorScheme('light');

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let view: View | undefined;
    try {
      const looks = looksOf(getComputedStyle(element));
      const runtime = parse(vegaOf(spec, looks, element.clientWidth), looks, { ast: true });
      view = new View(runtime, {
        expr: expressionInterpreter,
        loader: noLoader(setProblem),
        renderer: 'svg',
        container: element,
      });
      view.hover();
      view.runAsync().catch((error: unknown) => {
        setProblem(String(error));
      });
    } catch (error) {
      // A specification may be wrong in any way.
      queueMicrotask(() => {
        setProblem(String(error));
      });
    }
    return () => {
      view?.finalize();
      element.replaceChildren();
    };
  }, [spec, scheme]);

  return (
    <>
      {problem && <p className={classes.note}>It cannot be drawn. {problem}</p>}
      <div ref={frame} className={classes.figure} role="img" aria-label={name} />
    </>
  );
}

function vegaOf(spec: Record<string, Value>, config: Config, room: number): Spec {
  const schema = spec['$schema'];
  const isLite = typeof schema !== 'string' || schema.includes('vega-lite');
  const wide = asWide(spec, room);
  return isLite ? compile(wide as unknown as TopLevelSpec, { config }).spec : wide;
}

/** Vega only warns of data that it does not get, and draws an empty figure. */
function noLoader(onAsked: (problem: string) => void) {
  const nothing = loader();
  nothing.load = (address) => {
    onAsked(`Its data is at ${address}, which is not asked: put the values into the figure.`);
    return Promise.reject(new Error(`${address} is not asked.`));
  };
  return nothing;
}

function looksOf(style: CSSStyleDeclaration) {
  const [text, line] = [style.getPropertyValue('--text'), style.getPropertyValue('--line-strong')];
  const words = {
    labelColor: text,
    titleColor: text,
    labelFont: style.fontFamily,
    titleFont: style.fontFamily,
  };
  return {
    background: 'transparent',
    axis: { ...words, domainColor: line, gridColor: style.getPropertyValue('--line'), tickColor: line },
    legend: words,
    title: { color: text, font: style.fontFamily },
    bar: { fill: style.getPropertyValue('--line-1') },
  };
}
