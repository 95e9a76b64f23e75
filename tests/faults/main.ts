/** `npm run faults`: see options.ts. */
import { relative } from 'node:path';
import cliProgress from 'cli-progress';
import { document } from './document.ts';
import { isolate } from './isolate.ts';
import { type FaultsOptions, parseOptions, USAGE } from './options.ts';
import { keepHistory, keepResult, readResults } from './results.ts';
import { runScenario } from './run-scenario.ts';
import type { SeedResult } from './run-seed.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { formatTable } from './summary.ts';

/** More findings of one run than this say nothing new. */
const SHOWN = 8;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options === 'help') return print(USAGE);
    const scenarios = named(options.scenarios);
    if (options.list) return print(scenarios.map(({ name, what }) => `${name.padEnd(32)} ${what}`).join('\n'));
    if (options.document) return print(await document(SCENARIOS));
    return await runAll(scenarios, options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 2;
  }
}

function print(text: string): 0 {
  process.stdout.write(`${text}\n`);
  return 0;
}

function named(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return SCENARIOS;
  return names.map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found === undefined) throw new Error(`no scenario "${name}": see --list`);
    return found;
  });
}

async function runAll(scenarios: readonly Scenario[], options: FaultsOptions): Promise<number> {
  const seeds = Array.from({ length: options.seeds }, (_, nr) => options.from + nr);
  const able: Scenario[] = [];
  for (const scenario of scenarios) {
    const missing = await scenario.unable?.();
    if (missing !== undefined) print(`${scenario.name}: left out, ${missing}`);
    else able.push(scenario);
  }
  for (const scenario of able) {
    if (scenario.isolated === true && !options.isolated) await isolate(scenario.name, options);
    else await runOne(scenario, seeds);
  }
  if (options.isolated) return 0;
  const rows = await Promise.all(
    able.map(async (scenario) => ({ scenario, results: await resultsOf(scenario, seeds) })),
  );
  print(formatTable(rows));
  const complete = rows.every(({ results }) => results.length === seeds.length);
  return complete && rows.every(({ results }) => results.every(({ findings }) => findings.length === 0)) ? 0 : 1;
}

async function resultsOf({ name }: Scenario, seeds: readonly number[]) {
  return (await readResults(name)).filter(({ seed }) => seeds.includes(seed));
}

async function runOne(scenario: Scenario, seeds: readonly number[]): Promise<void> {
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 15_000,
    hideCursor: true,
    format: `${scenario.name.padEnd(32)} {bar} {value} of {total} seeds  {violations} violations  {eta} s left`,
  });
  let violations = 0;
  bar.start(seeds.length, 0, { violations });
  try {
    await runScenario(scenario, seeds, async (result) => {
      violations += result.findings.length;
      bar.increment(1, { violations });
      await keepResult(result);
      if (result.notes.length > 0) print(`\nseed ${result.seed}: ${result.notes.join(', ')}`);
      if (result.findings.length > 0) await showFailure(result);
    });
  } finally {
    bar.stop();
  }
}

async function showFailure(result: SeedResult): Promise<void> {
  const { scenario, seed, findings, moments } = result;
  const path = relative(process.cwd(), await keepHistory(result));
  print(
    `\n${scenario}, seed ${seed} (npm run faults -- --scenario ${scenario} --from ${seed} --seeds 1), kept in ${path}`,
  );
  print(
    `  ${Object.entries(moments)
      .map(([name, ms]) => `${name} ${ms}`)
      .join(', ')}`,
  );
  for (const { rule, detail } of findings.slice(0, SHOWN)) print(`  ${rule.padEnd(12)} ${detail}`);
  if (findings.length > SHOWN) print(`  and ${findings.length - SHOWN} more`);
}
