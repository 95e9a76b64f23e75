/** Who is there, of those whom the page shows. */
import type { Client, Off } from '@messagecore/sdk';
import type { Presence } from './state.ts';
import type { ChatStore } from './store.ts';

/** So many at most, the last ones that were shown: the server bounds it, too. */
const MOST = 400;

export interface PresenceDeps {
  readonly client: Client;
  readonly me: string;
  readonly store: ChatStore;
}

export class PresenceCalls {
  readonly #client: Client;
  readonly #me: string;
  readonly #store: ChatStore;
  /** Those who are watched, the last ones shown last. */
  readonly #watched = new Set<string>();

  constructor({ client, me, store }: PresenceDeps) {
    this.#client = client;
    this.#me = me;
    this.#store = store;
  }

  listen(): readonly Off[] {
    return [
      this.#client.on('presence', ({ user, state, lastSeen }) => {
        const presence: Presence = { state, ...(lastSeen !== undefined && { lastSeen }) };
        this.#store.set({ presence: new Map(this.#store.state.presence).set(user, presence) });
      }),
    ];
  }

  /** These are shown from now on. */
  watch(users: readonly string[]): void {
    const others = users.filter((user) => user !== this.#me);
    const added = others.filter((user) => !this.#watched.has(user));
    for (const user of others) {
      this.#watched.delete(user);
      this.#watched.add(user);
    }
    if (added.length > 0) this.#client.watch(added);
    const dropped = [...this.#watched].slice(0, Math.max(0, this.#watched.size - MOST));
    if (dropped.length === 0) return;
    for (const user of dropped) this.#watched.delete(user);
    this.#client.unwatch(dropped);
  }
}
