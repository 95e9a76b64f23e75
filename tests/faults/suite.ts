/** A suite of scenarios from the command line: see options.ts. */
import { relative } from 'node:path';
import { document } from './document.ts';
import { type FaultsOptions, parseOptions, type Wording } from './options.ts';
import { createProgress } from './progress.ts';
import { keepResult, type StoredResult } from './results.ts';
import type { Outline } from './scenario.ts';
import { formatTable } from './summary.ts';
import { type Report, runWorkers } from './workers.ts';

/** More findings of one run than this say nothing new. */
const SHOWN = 8;

export interface Suite<S extends Outline> {
  readonly wording: Wording;
  readonly scenarios: readonly S[];
  /** All of them can be run in one place. */
  readonly shared: boolean;
  /** Fetches what has to be fetched: workers may have no way to the outside. */
  fetch(scenarios: readonly S[]): Promise<void>;
}

/** Returns the exit code. */
export async function runSuite<S extends Outline>(suite: Suite<S>, args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args, suite.wording);
    if (options === 'help') return print(suite.wording.usage);
    const scenarios = named(suite.scenarios, options.scenarios);
    if (options.list) return print(scenarios.map(({ name, what }) => `${name.padEnd(32)} ${what}`).join('\n'));
    if (options.document) return print(await document(suite.wording, suite.scenarios));
    return await runAll(suite, scenarios, options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 2;
  }
}

function print(text: string): 0 {
  process.stdout.write(`${text}\n`);
  return 0;
}

function named<S extends Outline>(all: readonly S[], names: readonly string[]): readonly S[] {
  if (names.length === 0) return all;
  return names.map((name) => {
    const found = all.find((scenario) => scenario.name === name);
    if (found === undefined) throw new Error(`there is no "${name}": see --list`);
    return found;
  });
}

async function runAll<S extends Outline>(
  { wording, shared, fetch }: Suite<S>,
  scenarios: readonly S[],
  options: FaultsOptions,
): Promise<number> {
  const seeds = Array.from({ length: options.seeds }, (_, nr) => options.from + nr);
  const able: S[] = [];
  for (const scenario of scenarios) {
    const missing = await scenario.unable?.();
    if (missing !== undefined) print(`${scenario.name}: left out, ${missing}`);
    else able.push(scenario);
  }
  await fetch(able);
  const results = new Map<string, StoredResult[]>(able.map(({ name }) => [name, []]));
  const progress = createProgress(able.length, seeds.length);
  await runWorkers(
    able,
    { seeds, parallel: options.parallel, shared },
    {
      started: ({ name }) => progress.started(name),
      reported: async ({ name }, report) => {
        results.get(name)?.push(report.result);
        await keepResult(name, report.result);
        progress.advanced(name, report.result.findings.length);
        const text = describe(name, report, wording);
        if (text !== undefined) progress.say(text);
      },
      ended: ({ name }, failure) => {
        progress.ended(name);
        if (failure !== undefined) progress.say(`${name}: ${failure}`);
      },
    },
  ).finally(() => progress.stop());
  print(formatTable(able.map((scenario) => ({ scenario, results: results.get(scenario.name) ?? [] }))));
  const all = [...results.values()].flat();
  const complete = all.length === able.length * seeds.length;
  return complete && all.every(({ findings }) => findings.length === 0) ? 0 : 1;
}

/** What is worth telling of a run beside the table; undefined when there is nothing. */
function describe(
  scenario: string,
  { result, notes, moments, history }: Report,
  { command, option }: Wording,
): string | undefined {
  const { seed, findings } = result;
  const lines = notes.length === 0 ? [] : [`${scenario}, seed ${seed}: ${notes.join(', ')}`];
  if (history !== undefined) {
    const again = `npm run ${command} -- --${option} ${scenario} --from ${seed} --seeds 1`;
    lines.push(`${scenario}, seed ${seed} (${again}), kept in ${relative(process.cwd(), history)}`);
    const times = Object.entries(moments).map(([name, ms]) => `${name} ${ms}`);
    lines.push(`  ${times.join(', ')}`);
    for (const { rule, detail } of findings.slice(0, SHOWN)) lines.push(`  ${rule.padEnd(12)} ${detail}`);
    if (findings.length > SHOWN) lines.push(`  and ${findings.length - SHOWN} more`);
  }
  return lines.length === 0 ? undefined : lines.join('\n');
}
