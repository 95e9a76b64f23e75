/** Runs scenarios in a process of its own, which `workers.ts` starts. Tells each result to its parent. */
import { startCluster } from './cluster/cluster.ts';
import { MACHINE_FAULTS } from './machines/faults.ts';
import { startStack } from './machines/stack.ts';
import { keepHistory } from './results.ts';
import { runScenario } from './run-scenario.ts';
import type { SeedResult } from './run-seed.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Begun, Job, Report } from './workers.ts';

const { scenarios, ...runs } = JSON.parse(process.argv[2] ?? '{}') as Job;

// Without its parent it has nobody to tell; the servers that it started end with it.
process.once('disconnect', () => process.exit(1));

const faults = scenarios.flatMap((each) => MACHINE_FAULTS.filter(({ name }) => name === each));
if (faults.length > 0) {
  const stack = await startStack();
  try {
    for (const fault of faults) await runScenario(stack, fault, runs, observerOf(fault.name));
  } finally {
    await stack.stop();
  }
}
for (const scenario of scenarios.flatMap((each) => SCENARIOS.filter(({ name }) => name === each))) {
  const cluster = await startCluster(scenario.cluster);
  try {
    await runScenario(cluster, scenario, runs, observerOf(scenario.name));
  } finally {
    await cluster.stop();
  }
}
process.removeAllListeners('disconnect');
process.disconnect();

function observerOf(scenario: string) {
  return {
    begun: () => tell({ scenario }),
    ended: async (ended: SeedResult) => {
      const { seed, figures, findings, notes, moments, versions, tookMs } = ended;
      const history = findings.length === 0 ? undefined : await keepHistory(ended);
      const result = { seed, figures, findings, versions, tookMs, clusters: runs.clusters };
      await tell({ scenario, result, notes, moments, history });
    },
  };
}

async function tell(message: Report | Begun): Promise<void> {
  await new Promise((sent) => process.send?.(message, sent));
}
