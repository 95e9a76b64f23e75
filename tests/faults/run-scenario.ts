import { startCluster } from './cluster/cluster.ts';
import { runSeed, type SeedResult } from './run-seed.ts';
import type { Scenario } from './scenario.ts';

/** Runs seeds one after the other on one cluster, telling each result as it comes. */
export async function runScenario(
  scenario: Scenario,
  seeds: readonly number[],
  onResult: (result: SeedResult) => Promise<void> | void,
): Promise<Readonly<Record<string, string>>> {
  const cluster = await startCluster(scenario.cluster);
  try {
    for (const seed of seeds) await onResult(await runSeed(cluster, scenario, seed));
    return cluster.versions;
  } finally {
    await cluster.stop();
  }
}
