/** A pending call; cancelling it twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time as the code sees it. Injected wherever behaviour depends on it, so that a simulation can own it. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds from an arbitrary start, never backwards: for durations and deadlines. */
  monotonic(): number;
  /** Calls `fn` once after at least `ms` milliseconds. */
  setTimeout(fn: () => void, ms: number): Timer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(fn, ms) {
    const handle = setTimeout(fn, ms);
    return { cancel: () => clearTimeout(handle) };
  },
};
