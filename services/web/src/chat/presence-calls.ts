/** Who is there, of those whom the page shows. */
import type { Client, Off } from '@messagecore/sdk';
import type { Presence } from './state.ts';
import type { ChatStore } from './store.ts';

/** So many at most, the last ones that were shown, unless the list alone shows more: the server bounds it, too. */
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
        // Whoever is not shown any more may still be told of once.
        if (!this.#watched.has(user)) return;
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
    // A stream watches the last ones only: those who are shown, and the list, which is.
    const told = this.#store.state.connection.transport === 'sse' ? [...others, ...this.#peers()] : added;
    if (told.length > 0) this.#client.watch(told);
    const dropped = this.#unneeded(new Set(users));
    if (dropped.length === 0) return;
    const presence = new Map(this.#store.state.presence);
    for (const user of dropped) {
      this.#watched.delete(user);
      presence.delete(user);
    }
    this.#store.set({ presence });
    this.#client.unwatch(dropped);
  }

  /** Those beyond the bound that were shown the longest ago: neither `shown` now nor in the list, where peers of dms are. */
  #unneeded(shown: ReadonlySet<string>): readonly string[] {
    const excess = this.#watched.size - MOST;
    if (excess <= 0) return [];
    const peers = new Set(this.#peers());
    return [...this.#watched].filter((user) => !peers.has(user) && !shown.has(user)).slice(0, excess);
  }

  /** Of the dms in the list. */
  #peers(): readonly string[] {
    return [...this.#store.state.conversations.values()].flatMap(({ info }) => info.peer ?? []);
  }
}
