import { onTestFinished } from 'vitest';
import type { System } from '../support/system.ts';

const EVERY_MS = 100;

/** Watches the memory of the services from now to the end of the test. `most` is the most that one of them grew by, bytes. */
export async function watchGrowth({ processes }: System): Promise<{ most(): Promise<number> }> {
  const sizes = () => Promise.all(processes.map((service) => service.rss()));
  const before = await sizes();
  let grown = 0;
  const look = async () => {
    for (const [at, size] of (await sizes()).entries()) grown = Math.max(grown, size - (before[at] ?? 0));
    return grown;
  };
  const watch = setInterval(() => void look().catch(() => {}), EVERY_MS);
  onTestFinished(() => clearInterval(watch));
  return { most: look };
}
