import { CLIENT_LIMITS } from '@messagecore/protocol/constants';
import type { UpFrame, UpFrameOf } from './wire.ts';

/** Whether anybody is at this device, and users of whom the application wants to hear, over all connections. */
export class Presence {
  readonly #transmit: (frame: UpFrame) => boolean;
  readonly #users = new Set<string>();
  #state: UpFrameOf<'presence'>['state'] = 'online';

  constructor(transmit: (frame: UpFrame) => boolean) {
    this.#transmit = transmit;
  }

  present(state: UpFrameOf<'presence'>['state']): void {
    this.#state = state;
    this.#transmit({ t: 'presence', state });
  }

  add(users: readonly string[]): void {
    for (const user of users) this.#users.add(user);
    this.#send('watch', users);
  }

  remove(users: readonly string[]): void {
    for (const user of users) this.#users.delete(user);
    this.#send('unwatch', users);
  }

  online(): void {
    // A session begins as online.
    if (this.#state === 'away') this.present('away');
    this.#send('watch', [...this.#users]);
  }

  #send(t: 'watch' | 'unwatch', users: readonly string[]): void {
    for (let at = 0; at < users.length; at += CLIENT_LIMITS.watchedUsers)
      this.#transmit({ t, users: users.slice(at, at + CLIENT_LIMITS.watchedUsers) });
  }
}
