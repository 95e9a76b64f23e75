import { type Clock, type Random, shuffled } from '@messagecore/kernel';
import type { Session } from './session/session.ts';

/** Share of the grace over which clients are asked to come back elsewhere; the rest is for those who need longer. */
export const SPREAD = 0.8;
const STEP_MS = 50;

export interface DrainOptions {
  readonly graceMs: number;
  readonly clock: Clock;
  readonly random?: Random;
  readonly sessions: Iterable<Session>;
  /** Settles when every command taken has been answered. */
  readonly flushed: () => Promise<void>;
}

/**
 * Sends everybody away without a crowd: each client is told a delay of its own, and is closed some time after it, when
 * the sends that it waits for are answered. The delays are evenly spaced, so that clients come to other gateways at a
 * steady rate; who leaves when is left to chance, as the devices of a user or of a team came one after the other. The
 * whole takes the grace period at most.
 */
export class Drain {
  readonly #options: DrainOptions;
  #begun: Promise<void> | undefined;
  /** What the next `bye` says. */
  reconnectInMs = 0;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  get begun(): boolean {
    return this.#begun !== undefined;
  }

  run(): Promise<void> {
    this.#begun ??= this.#run();
    return this.#begun;
  }

  async #run(): Promise<void> {
    const { graceMs, clock, random = Math.random, sessions, flushed } = this.#options;
    const start = clock.monotonic();
    const closeAt = new Map<Session, number>();
    const leaving = shuffled(random, [...sessions]);
    for (const [place, session] of leaving.entries()) {
      this.reconnectInMs = Math.round((place / leaving.length) * graceMs * SPREAD);
      closeAt.set(session, start + this.reconnectInMs + (graceMs * (1 - SPREAD)) / 2);
      session.dispatch('drain');
    }
    for (let left = closeAt.size; left > 0; left = closeAt.size) {
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, STEP_MS));
      const now = clock.monotonic();
      const isLast = now - start >= graceMs - STEP_MS;
      for (const [session, at] of closeAt) {
        if (session.state !== 'closed' && !isLast && (now < at || session.busy)) continue;
        session.dispatch('drained');
        closeAt.delete(session);
      }
    }
    await flushed();
  }
}
