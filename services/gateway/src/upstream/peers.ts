import type { Clock } from '@messagecore/kernel';

/** A chat-service without a sign of life for this long is left out. */
const ALIVE_MS = 3_000;
/** After a time-out, requests are addressed to live chat-services by name for this long. */
const BY_NAME_MS = 300_000;
/** Names remembered at most. */
const MAX_NAMES = 1_000;

/**
 * The chat-services that say, every second, that they are alive.
 *
 * Ordinarily the bus hands a request to any of them. But of one whose machine has died, or whose connection the network
 * has forgotten, the bus may not know for many minutes, and goes on giving it its share. So after a time-out, requests
 * are addressed by name to chat-services that were alive a moment ago.
 */
export class Peers {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #seenAt = new Map<string, number>();
  #byNameUntil = Number.NEGATIVE_INFINITY;
  #turn = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  noteAlive(name: string): void {
    if (this.#seenAt.size >= MAX_NAMES && !this.#seenAt.has(name)) this.#alive();
    if (this.#seenAt.size < MAX_NAMES || this.#seenAt.has(name)) this.#seenAt.set(name, this.#clock.monotonic());
  }

  remove(name: string): void {
    this.#seenAt.delete(name);
  }

  /** A request timed out, or took so long that another chat-service was asked too. */
  noteTimeout(): void {
    this.#byNameUntil = this.#clock.monotonic() + BY_NAME_MS;
  }

  /** The chat-service to ask, if possible another one than last time; undefined for any of the queue group. */
  choose(last?: string): string | undefined {
    if (this.#clock.monotonic() >= this.#byNameUntil) return undefined;
    const alive = this.#alive();
    const others = alive.filter((name) => name !== last);
    const choice = others.length > 0 ? others : alive;
    this.#turn += 1;
    return choice[this.#turn % choice.length];
  }

  /** Another one than `last`, the one heard of last of all; undefined when there is none. */
  another(last?: string): string | undefined {
    return this.latest(2).find((name) => name !== last);
  }

  /** So many at the most, the one heard of last first. */
  latest(count: number): readonly string[] {
    const heardAt = (name: string) => this.#seenAt.get(name) ?? 0;
    return this.#alive()
      .toSorted((one, other) => heardAt(other) - heardAt(one))
      .slice(0, count);
  }

  #alive(): readonly string[] {
    const since = this.#clock.monotonic() - ALIVE_MS;
    for (const [name, at] of this.#seenAt) if (at < since) this.#seenAt.delete(name);
    return [...this.#seenAt.keys()];
  }
}
