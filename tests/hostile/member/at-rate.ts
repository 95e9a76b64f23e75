import { setTimeout as sleep } from 'node:timers/promises';

const TICK_MS = 20;

/** Calls `act` so often a second, evenly, until it is over. */
export async function atRate(perSecond: number, over: AbortSignal, act: (turn: number) => void): Promise<void> {
  const startedAt = performance.now();
  for (let turn = 0; !over.aborted;) {
    const due = ((performance.now() - startedAt) * perSecond) / 1_000;
    // What could not be sent in time is not made up for all at once.
    for (let now = 0; turn < due && now < perSecond / 10 + 1; now += 1) act(turn++);
    await sleep(TICK_MS);
  }
}
