import { setTimeout as sleep } from 'node:timers/promises';

/** At most so much is under way at once, as in the product's write path. */
const IN_FLIGHT = 2;

/** Begins `act` so many times a second, and goes on without delay where it is behind. */
export async function keepRate(perSecond: number, seconds: number, act: (n: number) => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  const count = Math.round(perSecond * seconds);
  let next = 0;
  const work = async () => {
    for (;;) {
      const n = next++;
      if (n >= count) return;
      await sleep(Math.max(0, startedAt + (n * 1_000) / perSecond - performance.now()));
      await act(n);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}

/** Does `act` every so often until `work` has settled. */
export async function beside(everyMs: number, act: () => Promise<void>, work: Promise<unknown>): Promise<void> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await act();
    await Promise.race([sleep(everyMs), done]);
  }
  await done;
}
