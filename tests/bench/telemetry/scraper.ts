import { type Loop, startLoop } from '@messagecore/runtime';
import type { Product } from '../stack/product.ts';

/** Asks every service for its metrics, as Prometheus does: at once, and every `everyMs`. */
export class Scraper {
  static readonly everyMs = 15_000;
  readonly #urls: readonly string[];
  #loop: Loop | undefined;
  #failure: unknown;

  constructor({ chatServices, gateways }: Product) {
    this.#urls = [...chatServices, ...gateways].map(({ url }) => `${url}/metrics`);
  }

  start(): void {
    this.#loop = startLoop({ name: 'scraper', everyMs: Scraper.everyMs, step: () => this.#scrape() });
  }

  /** @throws Error when one did not answer with metrics. */
  async stop(): Promise<void> {
    await this.#loop?.stop();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #scrape(): Promise<void> {
    try {
      for (const url of this.#urls) {
        const answer = await fetch(url);
        const text = await answer.text();
        if (!answer.ok || !text.includes('# TYPE')) throw new Error(`${url}: ${answer.status}`);
      }
    } catch (error) {
      this.#failure = error;
    }
  }
}
