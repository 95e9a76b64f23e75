import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { ChatPage } from './chat-page.ts';

export const IMAGES = join(import.meta.dirname, '../../docs/images');

/** One picture of several pages next to each other, for the documentation. */
export async function saveSideBySide(browser: Browser, chats: readonly ChatPage[], name: string): Promise<void> {
  const pictures = await Promise.all(chats.map(({ page }) => page.screenshot({ animations: 'disabled' })));
  const context = await browser.newContext({ viewport: { width: 1616, height: 596 }, deviceScaleFactor: 1.5 });
  const page = await context.newPage();
  const images = pictures.map((picture) => `<img src="data:image/png;base64,${picture.toString('base64')}">`);
  await page.setContent(`<style>
    body { display: flex; gap: 32px; margin: 0; padding: 32px; background: linear-gradient(120deg, #e9e9fb, #dff3f2); }
    img { width: 760px; height: 532px; border-radius: 14px; box-shadow: 0 14px 40px rgb(28 29 60 / 28%); }
  </style>${images.join('')}`);
  await page.screenshot({ path: join(IMAGES, name) });
  await context.close();
}
