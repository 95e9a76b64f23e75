import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Polls `condition` until it holds.
 *
 * @throws Error naming `what` after `timeoutMs`, or whatever `condition` throws.
 */
export async function waitUntil(
  what: string,
  condition: () => Promise<boolean> | boolean,
  { timeoutMs = 60_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`gave up after ${timeoutMs / 1000} s waiting for ${what}`);
    await sleep(everyMs);
  }
}
