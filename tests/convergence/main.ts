/** `npm run converge`: see options.ts. */
import cliProgress from 'cli-progress';
import { runCommand } from '../support/command-line.ts';
import { startSystem } from '../support/system.ts';
import { type ConvergeOptions, parseOptions, USAGE } from './options.ts';
import { runSeed } from './run-seed.ts';

/** On a machine that is busy with many at once. */
const REST_MS = 120_000;

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
  const sums = { seeds: 0, changes: 0, returns: 0, leftOut: 0, failed: 0 };
  let next = from;
  const work = async () => {
    while (next < from + seeds) {
      const seed = next++;
      const { violations, done, returns, leftOut } = await runSeed(system, { seed, changes, restMs: REST_MS }).catch(
        (error: unknown) => ({ violations: [String(error)], done: new Map<string, number>(), returns: 0, leftOut: 0 }),
      );
      if (violations.length > 0) show(seed, changes, violations);
      sums.failed += violations.length > 0 ? 1 : 0;
      sums.seeds += 1;
      sums.changes += [...done.values()].reduce((sum, each) => sum + each, 0);
      sums.returns += returns;
      sums.leftOut += leftOut;
      bar.increment(1, { failed: sums.failed });
    }
  };
  bar.start(seeds, 0, { failed: 0 });
  try {
    await Promise.all(Array.from({ length: Math.min(parallel, seeds) }, work));
  } finally {
    bar.stop();
    await system.stop();
  }
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const { seeds: tried, changes: made, returns, leftOut, failed } = sums;
  const skipped = `${leftOut} changes, replaced by later ones, left out for the one who stayed`;
  print(
    `${tried} seeds, ${made} changes carried out, ${returns} returns in ${seconds} s: ${failed} failed; ${skipped}`,
  );
  return failed === 0 ? 0 : 1;
}

function show(seed: number, changes: number, violations: readonly string[]): void {
  print(`\nnpm run converge -- --seed ${seed} --changes ${changes}`);
  for (const violation of violations) print(`  ${violation}`);
}
