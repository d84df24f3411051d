/** How wide a figure is drawn that does not say so itself: Vega-Lite gives a bar 20 pixels, and Vega nothing. */

import type { Value } from '@/types/api';

type Spec = Record<string, Value>;

/** Pixels beyond which a figure grows no more. */
const WIDEST = 720;
/** What makes a figure of several: each of them has a width of its own. */
const SEVERAL = ['facet', 'repeat', 'concat', 'hconcat', 'vconcat', 'spec'];

/** Return a figure that fills `room` pixels, unless it names a width or is made of several. */
export function asWide(spec: Spec, room: number): Spec {
  if (hasWidth(spec) || SEVERAL.some((part) => part in spec) || isSplit(spec) || room <= 0) return spec;
  const inner = { type: 'fit', contains: 'padding' };
  return { ...spec, width: Math.min(room, WIDEST), autosize: spec['autosize'] ?? inner };
}

/** Whether it says how wide it is, as Vega may by a signal. */
function hasWidth({ width, signals }: Spec): boolean {
  const named = Array.isArray(signals) ? signals : [];
  return width !== undefined || named.some((signal) => isObject(signal) && signal['name'] === 'width');
}

/** Whether its encoding makes several of it, side by side. */
function isSplit({ encoding, config }: Spec): boolean {
  const channels = isObject(encoding) ? encoding : {};
  const view = isObject(config) ? config['view'] : undefined;
  const isSized = isObject(view) && Object.keys(view).some((name) => name.toLowerCase().endsWith('width'));
  return isSized || ['row', 'column', 'facet'].some((channel) => channel in channels);
}

function isObject(value: Value | undefined): value is Spec {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
