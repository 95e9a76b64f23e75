import type { Clock } from '@messagecore/kernel';

/** One that was not heard of for this long is left out. */
const ALIVE_MS = 3_000;
/** How long requests go to those who are alive by name, after an answer that did not come. */
const BY_NAME_MS = 300_000;
/** Names that are remembered at most. */
const MAX_NAMES = 1_000;

/**
 * The chat-services that say, every second, that they are alive.
 *
 * Ordinarily the bus hands a request to any of them. But of one whose machine has died, or whose connection the network
 * has forgotten, the bus may not know for many minutes, and goes on giving it its share. So after an answer that did not
 * come in time, requests go by name to those who were heard of a moment ago.
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

  /** Somebody did not answer in time. */
  noteTimeout(): void {
    this.#byNameUntil = this.#clock.monotonic() + BY_NAME_MS;
  }

  /** Whom to ask, if possible another one than last time; undefined: whoever takes it. */
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
    const heardAt = (name: string) => this.#seenAt.get(name) ?? 0;
    return this.#alive()
      .filter((name) => name !== last)
      .toSorted((one, other) => heardAt(other) - heardAt(one))[0];
  }

  #alive(): readonly string[] {
    const since = this.#clock.monotonic() - ALIVE_MS;
    for (const [name, at] of this.#seenAt) if (at < since) this.#seenAt.delete(name);
    return [...this.#seenAt.keys()];
  }
}
