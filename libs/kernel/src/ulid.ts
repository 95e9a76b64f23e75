import { monotonicFactory } from 'ulid';
import { type Clock, systemClock } from './clock.ts';
import type { Random } from './random.ts';

export interface UlidOptions {
  readonly clock?: Clock;
  /** The system's cryptographic source when left out. */
  readonly random?: Random;
}

/**
 * Makes ULIDs: 26 characters that sort by time. Each is greater than the one before from the same factory, also within
 * one millisecond and when the wall clock goes back.
 */
export function createUlid({ clock = systemClock, random }: UlidOptions = {}): () => string {
  const next = monotonicFactory(random);
  return () => next(Math.trunc(clock.now()));
}
