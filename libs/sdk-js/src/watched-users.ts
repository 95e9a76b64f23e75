import { CLIENT_LIMITS } from '@messagecore/protocol/constants';
import type { UpFrame } from './wire.ts';

/** Users of whose changes the application wants to hear, over all connections. */
export class WatchedUsers {
  readonly #transmit: (frame: UpFrame) => boolean;
  /** Those who were added last come last. */
  readonly users = new Set<string>();

  constructor(transmit: (frame: UpFrame) => boolean) {
    this.#transmit = transmit;
  }

  add(users: readonly string[]): void {
    for (const user of users) {
      this.users.delete(user);
      this.users.add(user);
    }
    this.#send('watch', users);
  }

  remove(users: readonly string[]): void {
    for (const user of users) this.users.delete(user);
    this.#send('unwatch', users);
  }

  online(): void {
    this.#send('watch', [...this.users]);
  }

  #send(t: 'watch' | 'unwatch', users: readonly string[]): void {
    for (let at = 0; at < users.length; at += CLIENT_LIMITS.watchedUsers)
      this.#transmit({ t, users: users.slice(at, at + CLIENT_LIMITS.watchedUsers) });
  }
}
