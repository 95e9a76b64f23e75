import { CLIENT_LIMITS } from '@messagecore/protocol/constants';
import type { UpFrame } from './wire.ts';

/** What the application wants to say and hear of presence, over all connections. */
export class Presence {
  readonly #transmit: (frame: UpFrame) => boolean;
  /** Those of whose changes it wants to hear. Those who were added last come last. */
  readonly users = new Set<string>();
  #isAway = false;

  constructor(transmit: (frame: UpFrame) => boolean) {
    this.#transmit = transmit;
  }

  watch(users: readonly string[]): void {
    for (const user of users) {
      this.users.delete(user);
      this.users.add(user);
    }
    this.#send('watch', users);
  }

  unwatch(users: readonly string[]): void {
    for (const user of users) this.users.delete(user);
    this.#send('unwatch', users);
  }

  setAway(isAway: boolean): void {
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    this.#transmit({ t: 'presence', state: isAway ? 'away' : 'online' });
  }

  /** A new session watches nobody, and says that somebody is at its device. */
  online(): void {
    if (this.#isAway) this.#transmit({ t: 'presence', state: 'away' });
    this.#send('watch', [...this.users]);
  }

  #send(t: 'watch' | 'unwatch', users: readonly string[]): void {
    for (let at = 0; at < users.length; at += CLIENT_LIMITS.watchedUsers)
      this.#transmit({ t, users: users.slice(at, at + CLIENT_LIMITS.watchedUsers) });
  }
}
