import type { Clock } from '@messagecore/kernel';
import type { RpcStamp } from '@messagecore/protocol/bus';
import { LRUCache } from 'lru-cache';

/** The smallest difference between an asker's clock and ours is taken from this window and the one before. */
const WINDOW_MS = 10_000;
/** An asker counts as new for this long. */
const NEW_MS = 1_000;
/** Askers remembered at most; the least recently seen one is forgotten first. */
const MAX_ASKERS = 1_024;

interface Window {
  readonly since: number;
  readonly least: number;
  /** Infinity in an asker's first window. */
  readonly before: number;
}

/**
 * Computes until when a request is of use to its asker, without trusting that two machines' clocks agree.
 *
 * The smallest recent difference between the asker's clock and ours belongs to a request without delay but that of the
 * way, which the asker has taken off `forMs`. A request with a larger difference has waited by that much: in the network,
 * in the bus, or because this process hung. So a command whose asker has given up is recognised, and is not run after
 * another chat-service has answered it, perhaps with a refusal.
 *
 * Nothing is known of a new asker, so its first requests are also compared with the wall clock. Where the two wall
 * clocks differ, its requests are refused for a moment, and nothing worse happens.
 */
export class RequestDeadlines {
  readonly #clock: Pick<Clock, 'monotonic' | 'now'>;
  readonly #windows = new LRUCache<string, Window>({ max: MAX_ASKERS });

  constructor(clock: Pick<Clock, 'monotonic' | 'now'>) {
    this.#clock = clock;
  }

  /** The moment, by our monotonic clock, at which the asker gives up; it may have passed. */
  until({ asker, at, now: sentAt, forMs }: RpcStamp): number {
    const now = this.#clock.monotonic();
    const { since, least, before } = this.#windowOf(asker, now - at, now);
    const isNew = before === Infinity && now - since < NEW_MS;
    if (isNew && this.#clock.now() - sentAt > forMs) return -Infinity;
    return at + Math.min(least, before) + forMs;
  }

  hasPassed(until: number): boolean {
    return this.#clock.monotonic() > until;
  }

  #windowOf(asker: string, difference: number, now: number): Window {
    const last = this.#windows.get(asker);
    const window =
      last === undefined || now - last.since > WINDOW_MS
        ? { since: now, least: difference, before: last?.least ?? Infinity }
        : { ...last, least: Math.min(last.least, difference) };
    this.#windows.set(asker, window);
    return window;
  }
}
