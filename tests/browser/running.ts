import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import type { Product } from '../../deploy/dev/product.ts';
import { launchChromium } from './chromium.ts';
import { runProduct } from './product.ts';

/** The product and a browser, for all tests of a file. */
export function useProductInBrowser(): { readonly product: Product; readonly browser: Browser } {
  let [product, browser]: [Product?, Browser?] = [];
  const cleanups: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const running = await runProduct();
    product = running.product;
    cleanups.push(running.stop);
    const launched = await launchChromium();
    browser = launched;
    cleanups.push(() => launched.close());
  }, 240_000);
  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });
  return {
    get product() {
      return started(product);
    },
    get browser() {
      return started(browser);
    },
  };
}

function started<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('nothing runs before the first test');
  return thing;
}
