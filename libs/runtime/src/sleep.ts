import type { Clock } from '@messagecore/kernel';

/** Settles after `ms`, or at once when `signal` aborts; never rejects. `Infinity` waits for the signal alone. */
export function sleep(ms: number, clock: Clock, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const timer = ms === Infinity ? undefined : clock.setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    function done() {
      timer?.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
