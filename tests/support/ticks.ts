const TICK_MS = 100;

/**
 * Counts how often a short timer of this process has come round. Where the servers under test run in this process too, this
 * is the only measure of "in time" that a slow machine does not spoil: a process that is not scheduled counts nothing, and
 * its servers' timers wait with it.
 */
export function startTicks(): { readonly elapsedMs: number; stop(): void } {
  let count = 0;
  const timer = setInterval(() => (count += 1), TICK_MS);
  return {
    get elapsedMs() {
      return count * TICK_MS;
    },
    stop: () => clearInterval(timer),
  };
}
