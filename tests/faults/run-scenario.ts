import { startCluster } from './cluster/cluster.ts';
import { runSeed, type SeedResult } from './run-seed.ts';
import type { Scenario } from './scenario.ts';

/** Runs seeds one after the other on one cluster, telling each result as it comes. */
export async function runScenario(
  scenario: Scenario,
  { seeds, clusters }: { readonly seeds: readonly number[]; readonly clusters: number },
  onResult: (result: SeedResult) => Promise<void> | void,
): Promise<void> {
  const cluster = await startCluster(scenario.cluster);
  try {
    for (const seed of seeds) await onResult(await runSeed(cluster, scenario, seed, clusters));
  } finally {
    await cluster.stop();
  }
}
