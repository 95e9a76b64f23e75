/** `npm run converge`: see options.ts. */
import cliProgress from 'cli-progress';
import { runCommand } from '../support/command-line.ts';
import { startSystem } from '../support/system.ts';
import { type ConvergeOptions, parseOptions, USAGE } from './options.ts';
import { type Outcome, runSeed } from './run-seed.ts';

/** More failures than this give no further information. */
const SHOWN = 10;

process.exitCode = await runCommand({ parseOptions, usage: USAGE, run: converge });

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function converge({ from, seeds, changes, parallel }: ConvergeOptions): Promise<number> {
  const startedAt = performance.now();
  const system = await startSystem({ chatServices: 2, ownProcesses: true });
  const bar = new cliProgress.SingleBar({
    ...{ stream: process.stderr, noTTYOutput: true, notTTYSchedule: 10_000, hideCursor: true },
    format: '{bar} {percentage} %  {value} of {total} seeds  {failed} failed  {eta_formatted} left',
  });
  const failed: Outcome[] = [];
  const sums = { seeds: 0, changes: 0, returns: 0 };
  let next = from;
  const work = async () => {
    while (next < from + seeds) {
      const outcome = await runSeed(system, { seed: next++, changes });
      if (outcome.violations.length > 0) failed.push(outcome);
      sums.seeds += 1;
      sums.changes += [...outcome.done.values()].reduce((sum, each) => sum + each, 0);
      sums.returns += outcome.returns;
      bar.increment(1, { failed: failed.length });
    }
  };
  bar.start(seeds, 0, { failed: 0 });
  try {
    await Promise.all(Array.from({ length: Math.min(parallel, seeds) }, work));
  } finally {
    bar.stop();
    await system.stop();
  }
  for (const { seed, violations } of failed.slice(0, SHOWN)) {
    print(`\nnpm run converge -- --seed ${seed} --changes ${changes}`);
    for (const violation of violations) print(`  ${violation}`);
  }
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const { seeds: tried, changes: made, returns } = sums;
  print(`${tried} seeds, ${made} changes carried out, ${returns} returns in ${seconds} s: ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}
