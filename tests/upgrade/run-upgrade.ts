import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '../faults/cluster/cluster.ts';
import { runSeed, type SeedResult } from '../faults/run-seed.ts';
import type { Load } from '../faults/workload/load.ts';
import { layOut } from './earlier.ts';
import { rollingUpgrade } from './rolling-upgrade.ts';

/** Upgrades a cluster of `commit` to these sources under load, and judges what clients saw. */
export async function runUpgrade(commit: string, load: Partial<Load>, clusters: number): Promise<SeedResult> {
  const folder = await mkdtemp(join(tmpdir(), 'messagecore-upgrade-'));
  try {
    await chmod(folder, 0o755);
    const scenario = rollingUpgrade(await layOut(commit, join(folder, 'earlier')), load);
    const cluster = await startCluster(scenario.cluster);
    try {
      return await runSeed(cluster, scenario, 1, clusters);
    } finally {
      await cluster.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
