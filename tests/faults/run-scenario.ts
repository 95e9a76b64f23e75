import { runSeed, type SeedResult } from './run-seed.ts';
import type { Place } from './place.ts';
import type { Scenario } from './scenario.ts';

interface SeedObserver {
  begun(): Promise<void>;
  ended(result: SeedResult): Promise<void>;
}

/** Runs seeds one after the other in one place, telling each result as it comes. */
export async function runScenario<P extends Place>(
  place: P,
  scenario: Scenario<P>,
  { seeds, clusters }: { readonly seeds: readonly number[]; readonly clusters: number },
  observer: SeedObserver,
): Promise<void> {
  await observer.begun();
  for (const seed of seeds) await observer.ended(await runSeed(place, scenario, seed, clusters));
}
