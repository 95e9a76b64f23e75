import type { Clock, Timer } from '@messagecore/kernel';

export interface HeartbeatOptions {
  readonly clock: Clock;
  /** Silence after which a ping is sent. */
  readonly quietMs: number;
  /** Silence after that ping which means that the connection is dead. */
  readonly graceMs: number;
  readonly ping: () => void;
  readonly dead: () => void;
}

/**
 * Tells a quiet connection from a dead one. Browsers hide the protocol's own pings, and a vanished peer closes nothing, so
 * whoever hears nothing for `quietMs` asks, and gives up `graceMs` later.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: Timer | undefined;
  #heardAt = 0;
  #askedAt: number | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.heard();
    this.#checkIn(options.quietMs);
  }

  /** Something arrived. Cheap: no timer is touched. */
  heard(): void {
    this.#heardAt = this.#options.clock.monotonic();
  }

  /** Asks now rather than after `quietMs`. */
  probe(): void {
    this.#timer?.cancel();
    this.#ask();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #check(): void {
    const { clock, quietMs, dead } = this.#options;
    if (this.#askedAt !== undefined && this.#heardAt < this.#askedAt) return dead();
    this.#askedAt = undefined;
    const quiet = clock.monotonic() - this.#heardAt;
    if (quiet >= quietMs) this.#ask();
    else this.#checkIn(quietMs - quiet);
  }

  #ask(): void {
    this.#askedAt = this.#options.clock.monotonic();
    this.#options.ping();
    this.#checkIn(this.#options.graceMs);
  }

  #checkIn(ms: number): void {
    this.#timer = this.#options.clock.setTimeout(() => this.#check(), ms);
  }
}
