import type { Clock } from '@messagecore/kernel';
import type { RpcStamp } from '@messagecore/protocol/bus';
import { LRUCache } from 'lru-cache';

/** The least difference between an asker's clock and ours is looked for in this window and the one before. */
const WINDOW_MS = 10_000;
/** How long an asker is new. */
const NEW_MS = 1_000;
/** Askers that are remembered; the one heard of longest ago is forgotten first. */
const ASKERS = 1_024;

interface Window {
  readonly since: number;
  readonly least: number;
  /** Infinity in an asker's first window. */
  readonly before: number;
}

/**
 * Until when requests are of use, without trusting that two machines' clocks agree.
 *
 * The least difference between the asker's own clock and ours that was seen lately is that of a request that came at once;
 * what is more has waited: in the network, in the bus, or in front of this process while it stood still. So a command
 * that its asker has given up is told from one that is awaited, and is not carried out after another chat-service has
 * answered it, perhaps with a refusal.
 *
 * Of an asker that is new nothing has been seen, so what it first asks is also held against the wall clock. Where the two
 * machines' disagree, that costs it a moment of refusals, and no more.
 */
export class Ages {
  readonly #clock: Pick<Clock, 'monotonic' | 'now'>;
  readonly #windows = new LRUCache<string, Window>({ max: ASKERS });

  constructor(clock: Pick<Clock, 'monotonic' | 'now'>) {
    this.#clock = clock;
  }

  /** The moment, by our monotonic clock, at which the asker gives up; it may have passed. */
  until({ asker, at, now: sentAt, forMs }: RpcStamp): number {
    const now = this.#clock.monotonic();
    const { since, least, before } = this.#noted(asker, now - at, now);
    const isNew = before === Infinity && now - since < NEW_MS;
    if (isNew && this.#clock.now() - sentAt > forMs) return -Infinity;
    return at + Math.min(least, before) + forMs;
  }

  isOver(until: number): boolean {
    return this.#clock.monotonic() > until;
  }

  #noted(asker: string, difference: number, now: number): Window {
    const last = this.#windows.get(asker);
    const window =
      last === undefined || now - last.since > WINDOW_MS
        ? { since: now, least: difference, before: last?.least ?? Infinity }
        : { ...last, least: Math.min(last.least, difference) };
    this.#windows.set(asker, window);
    return window;
  }
}
