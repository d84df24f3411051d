import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import type { ProxyOptions } from 'vite';
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

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { host: '127.0.0.1', port: 3000, proxy },
  preview: { host: '127.0.0.1', proxy },
  build: { manifest: true, chunkSizeWarningLimit: 600 },
  test: {
    environment: 'jsdom',
    setupFiles: ['./src/testing/setup.ts'],
    // Style sheets are no part of what the tests ask for, and parsing them is what costs most in jsdom.
    css: false,
    restoreMocks: true,
    testTimeout: 20_000,
  },
});
