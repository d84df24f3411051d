/** The parts that need the editor, loaded when they are first shown. */

import { lazy } from 'react';

export const LazyCodeView = lazy(() => import('./CodeView').then(({ CodeView }) => ({ default: CodeView })));
export const LazyCodeDiff = lazy(() => import('./CodeDiff').then(({ CodeDiff }) => ({ default: CodeDiff })));
