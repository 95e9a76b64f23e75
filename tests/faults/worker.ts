/** Runs one scenario in a process of its own, which `workers.ts` starts. Tells each result to its parent. */
import { keepHistory } from './results.ts';
import { runScenario } from './run-scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Job, Report } from './workers.ts';

const { scenario: name, seeds, clusters } = JSON.parse(process.argv[2] ?? '{}') as Job;
const scenario = SCENARIOS.find((each) => each.name === name);
if (scenario === undefined) throw new Error(`no scenario ${name}`);

// Without its parent it has nobody to tell; the servers that it started end with it.
process.once('disconnect', () => process.exit(1));

await runScenario(scenario, { seeds, clusters }, async (result) => {
  const { seed, figures, findings, notes, moments, versions, tookMs } = result;
  const history = findings.length === 0 ? undefined : await keepHistory(result);
  const report: Report = { result: { seed, figures, findings, versions, tookMs, clusters }, notes, moments, history };
  await new Promise((sent) => process.send?.(report, sent));
});
process.removeAllListeners('disconnect');
process.disconnect();
