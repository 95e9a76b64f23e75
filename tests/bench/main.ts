/** `npm run bench`: the product measured beside other ways of doing the same, in one run. See options.ts. */
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
import { loadAverage } from './report/machine.ts';
import { formatTable } from './report/report.ts';
import { writeDocumentation } from './report/write-documentation.ts';
import { runSections } from './run-sections.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions | 'help';
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return 2;
  }
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const load = loadAverage();
  const outcomes = await runSections(options);
  process.stdout.write(`${formatTable(outcomes)}\n`);
  const failed = outcomes.some(({ result }) => result instanceof Error);
  if (options.write && !failed) await writeDocumentation(outcomes, load);
  return failed ? 1 : 0;
}
