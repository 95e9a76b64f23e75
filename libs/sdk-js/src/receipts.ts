import type { Clock, Timer } from '@messagecore/kernel';

/** Receipts are gathered for this long, and at most so many go out at a time: they must not crowd out messages. */
const EVERY_MS = 1_000;
const AT_ONCE = 20;

export interface ReceiptsOptions {
  readonly clock: Clock;
  readonly transmit: (cid: string, pos: number) => boolean;
  /** Takes room for one and returns 0, or the milliseconds to wait. */
  readonly take: () => number;
}

/** Tells the server, now and then, how far this device has received each conversation. */
export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #due = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  received(cid: string, pos: number): void {
    this.#due.set(cid, pos);
    this.#flushLater();
  }

  /** Sends what is due, the rest in a while; without a connection it stays due. */
  flush(): void {
    let sent = 0;
    for (const [cid, pos] of this.#due) {
      if (sent === AT_ONCE || this.#options.take() > 0) return this.#flushLater();
      if (!this.#options.transmit(cid, pos)) return;
      this.#due.delete(cid);
      sent += 1;
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Another user received nothing of it. */
  clear(): void {
    this.stop();
    this.#due.clear();
  }

  #flushLater(): void {
    this.#timer ??= this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      this.flush();
    }, EVERY_MS);
  }
}
