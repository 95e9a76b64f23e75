/** `npm run bench`: the product measured beside other ways of doing the same, in one run. See options.ts. */
import { runCommand } from '../support/command-line.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
import { loadAverage } from './report/machine.ts';
import { formatTable } from './report/report.ts';
import { writeDocumentation } from './report/write-documentation.ts';
import { runSections } from './run-sections.ts';

process.exitCode = await runCommand({ parseOptions, usage: USAGE, run: bench });

async function bench(options: BenchOptions): Promise<number> {
  const load = loadAverage();
  const outcomes = await runSections(options);
  process.stdout.write(`${formatTable(outcomes)}\n`);
  const failed = outcomes.some(({ result }) => result instanceof Error);
  if (options.write && !failed) await writeDocumentation(outcomes, load);
  return failed ? 1 : 0;
}
