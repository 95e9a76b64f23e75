import type { Clock, Timer } from '@messagecore/kernel';

/** Receipts are gathered for this long, and at most so many go out at a time: they must not crowd out messages. */
const EVERY_MS = 1_000;
const AT_ONCE = 20;

/** Tells the server, now and then, how far this device has received each conversation. */
export class Receipts {
  readonly #clock: Clock;
  readonly #transmit: (cid: string, pos: number) => boolean;
  readonly #due = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(clock: Clock, transmit: (cid: string, pos: number) => boolean) {
    this.#clock = clock;
    this.#transmit = transmit;
  }

  received(cid: string, pos: number): void {
    this.#due.set(cid, pos);
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.flush();
    }, EVERY_MS);
  }

  /** Sends what is due, the rest in a while; without a connection it stays due. */
  flush(): void {
    let sent = 0;
    for (const [cid, pos] of this.#due) {
      if (sent === AT_ONCE) return this.received(cid, pos);
      if (!this.#transmit(cid, pos)) return;
      this.#due.delete(cid);
      sent += 1;
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
