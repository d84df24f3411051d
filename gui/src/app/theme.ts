/** The look of Mantine's parts. Colours and sizes that are ours alone are in tokens.css. */

import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** The one accent: the blue of survey ink. */
const ink: MantineColorsTuple = [
  '#eef2fd',
  '#dbe3fa',
  '#b6c6f5',
  '#8ea8ef',
  '#6a8cea',
  '#4a70e0',
  '#2f58d0',
  '#2649b3',
  '#203e97',
  '#1a327a',
];

/** Greys with a trace of warmth, from paper to night. */
const dark: MantineColorsTuple = [
  '#e6e4df',
  '#c6c3bc',
  '#9b9890',
  '#716f69',
  '#3c3b38',
  '#2f2e2c',
  '#242422',
  '#1b1b1a',
  '#151514',
  '#0f0f0e',
];

export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 6, dark: 4 },
  colors: { ink, dark },
  fontFamily: "'IBM Plex Sans Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'IBM Plex Mono', ui-monospace, monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  defaultRadius: 'sm',
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  focusRing: 'auto',
  cursorType: 'pointer',
});
