import { defineConfig } from 'vite';

/** A page of static files with hashed names: nothing inline, so that a strict content policy fits. */
export default defineConfig({
  base: './',
  build: {
    target: 'es2024',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
