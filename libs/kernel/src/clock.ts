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
  /** Calls `fn` once after at least `ms` milliseconds, however many; never for `Infinity`. */
  setTimeout(fn: () => void, ms: number): Timer;
}

/** The longest wait that the platform's timers know: a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(fn, ms) {
    let restMs = ms;
    let handle: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      const stepMs = Math.min(restMs, LONGEST_TIMER_MS);
      restMs -= stepMs;
      handle = setTimeout(restMs > 0 ? wait : fn, stepMs);
    };
    wait();
    return { cancel: () => clearTimeout(handle) };
  },
};
