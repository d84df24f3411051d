import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import type { ProxyOptions, Rolldown } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where a developer's page finds the API; the built page asks the server that it came from. */
const server = process.env['ATLAS_PROXY_URL'] ?? 'http://127.0.0.1:5558';

const toServer: ProxyOptions = {
  target: server,
  configure: (proxy) => {
    // A stream whose server died must end for the page too, or the page would never know.
    proxy.on('proxyRes', (answer, _, response) => {
      answer.on('close', () => {
        if (!response.writableEnded) response.destroy();
      });
    });
  },
};
const proxy = { '/api': toServer, '/archive': toServer, '/scheduled_jobs': toServer };

/**
 * Which modules travel together. A browser has six connections to a server: a page in twenty small parts waits for them
 * in rows, and what the page reads waits behind them.
 */
const parts: Rolldown.CodeSplittingGroup[] = [
  { name: 'base', tags: ['$initial'], priority: 3 },
  // Small things that most pages have; not what brings an editor, charts or the reader of Markdown with it.
  {
    name: 'shared',
    test: /@mantine|src\/(?:components\/(?!code\/|curves|Markdown|Plot|plotOptions|ChartExport)|lib\/(?!chartExport))/,
    minShareCount: 3,
    priority: 2,
  },
  // Half of the code of the pages that have charts, and no other page wants it.
  { name: 'charts', test: /uplot|src\/components\/(?:curves|Plot|plotOptions|ChartExport)/, priority: 1 },
];

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The documentation lies beside the page, which shows it.
  server: { host: '127.0.0.1', port: 3000, proxy, fs: { allow: ['.', '../docs'] } },
  preview: { host: '127.0.0.1', proxy },
  build: {
    manifest: true,
    chunkSizeWarningLimit: 600,
    rolldownOptions: { output: { codeSplitting: { groups: parts } } },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['./src/testing/setup.ts'],
    // Style sheets are no part of what the tests ask for, and parsing them is what costs most in jsdom.
    css: false,
    restoreMocks: true,
    testTimeout: 20_000,
  },
});
