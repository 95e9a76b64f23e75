/** The tenant's own emojis: what the page shows for their names, and what its admins change. */
import type { Client, Off } from '@messagecore/sdk';
import { emojisOf, type Picture } from './emojis.ts';
import { allOf } from './pages-of.ts';
import type { ChatStore } from './store.ts';

const PAGE = 200;

export interface EmojiDeps {
  readonly client: Client;
  readonly store: ChatStore;
}

export class EmojiCalls {
  readonly #client: Client;
  readonly #store: ChatStore;
  /** Of the last reading that was begun: what an earlier one finds after it is old. */
  #reading = 0;

  constructor({ client, store }: EmojiDeps) {
    this.#client = client;
    this.#store = store;
  }

  listen(): readonly Off[] {
    const read = () => void this.#load();
    return [this.#client.on('ready', read), this.#client.on('emojis.changed', read)];
  }

  /** Adds one, or gives it another picture. Rejects as the call does. */
  async put(picture: Picture): Promise<void> {
    await this.#client.call('emojis.put', { ...picture });
    await this.#load();
  }

  /** Rejects as the call does. */
  async remove(name: string): Promise<void> {
    await this.#client.call('emojis.delete', { name });
    await this.#load();
  }

  /** Never rejects: the next connection or change asks again. */
  async #load(): Promise<void> {
    const reading = (this.#reading += 1);
    try {
      const pictures = await allOf((place) => this.#client.call('emojis.list', { limit: PAGE, ...place }));
      if (reading === this.#reading) this.#store.set({ emojis: emojisOf(pictures) });
    } catch {
      // Asked again, as promised.
    }
  }
}
