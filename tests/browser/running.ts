import type { Browser } from 'playwright-core';
import { test } from 'vitest';
import type { Product } from '../../deploy/dev/product.ts';
import { launchChromium } from './chromium.ts';
import { runProduct } from './product.ts';

/** For a machine that is busy: migrations, three services and a browser come up. */
const START_MS = 240_000;

interface Running {
  readonly product: Product;
  readonly browser: Browser;
}

/** One for all files that a process tests, one after the other. */
// oxlint-disable-next-line no-empty-pattern -- vitest reads there which others a fixture needs
const sharing = test.extend('running', { scope: 'worker' }, async ({}, { onCleanup }): Promise<Running> => {
  const { product, stop } = await runProduct();
  let browser: Browser | undefined;
  onCleanup(async () => {
    await browser?.close();
    await stop();
  });
  browser = await launchChromium();
  return { product, browser };
});

/** The product and a browser, for all tests of a file: with a demo tenant of its own, and no pages of others. */
export function useProductInBrowser(): Running {
  let running: Running | undefined;
  sharing.beforeAll(async ({ running: shared }) => {
    await shared.product.renewDemo();
    running = shared;
  }, START_MS);
  sharing.afterAll(async () => {
    await Promise.all(running?.browser.contexts().map((context) => context.close()) ?? []);
  });
  return {
    get product() {
      return started(running).product;
    },
    get browser() {
      return started(running).browser;
    },
  };
}

function started<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('nothing runs before the first test');
  return thing;
}
