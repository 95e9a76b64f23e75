/** `npm run simulate`: see options.ts. */
import { relative } from 'node:path';
import cliProgress from 'cli-progress';
import Table from 'cli-table3';
import { runCommand } from '../support/command-line.ts';
import { keep } from './kept.ts';
import { MUTANTS } from './mutants.ts';
import { parseOptions, type SimulateOptions, USAGE } from './options.ts';
import { planOf } from './plan.ts';
import type { Finding } from './rules.ts';
import { run } from './run.ts';
import type { Caught, Failure } from './search.ts';
import type { Task } from './worker.ts';
import { shareOut } from './workers.ts';

/** Seeds that a worker is given at once. */
const CHUNK = 20;
/** More failures than this give no further information. */
const SHOWN = 10;

process.exitCode = await runCommand({ parseOptions, usage: USAGE, run: simulate });

async function simulate(options: SimulateOptions): Promise<number> {
  if (options.kind === 'one') return showOne(options.seed, options.trace);
  return options.kind === 'search' ? search(options) : showMutants(options);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function showOne(seed: number, trace: boolean): Promise<number> {
  const plan = planOf(seed);
  const { violations, events, trace: lines } = await run(plan, { trace });
  for (const line of lines) print(line);
  print(`seed ${seed}: ${events} events, ${violations.length} violations`);
  showViolations(violations);
  return violations.length === 0 ? 0 : 1;
}

function showViolations(violations: readonly Finding[]): void {
  for (const { rule, detail } of violations.slice(0, SHOWN)) print(`  ${rule.padEnd(12)} ${detail}`);
  if (violations.length > SHOWN) print(`  and ${violations.length - SHOWN} more`);
}

async function search({ from, seeds, workers }: Extract<SimulateOptions, { kind: 'search' }>): Promise<number> {
  const startedAt = performance.now();
  const shown: Promise<void>[] = [];
  let tried = 0;
  let failed = 0;
  const bar = createBar('{bar} {percentage} %  {value} of {total} seeds  {rate}/s  {failed} failed  {eta} s left');
  const rate = () => Math.round((tried * 1_000) / (performance.now() - startedAt));
  bar.start(seeds, 0, { rate: 0, failed: 0 });
  await shareOut(chunksOf(from, seeds), workers, (report) => {
    if (report.kind !== 'tried') return;
    tried += 1;
    if (report.failure !== undefined && (failed += 1) <= SHOWN) shown.push(showFailure(report.failure));
    bar.increment(1, { rate: rate(), failed });
  });
  bar.stop();
  await Promise.all(shown);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  print(`${tried} seeds in ${seconds} s (${rate()}/s): ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function* chunksOf(from: number, seeds: number): Generator<Task> {
  for (let at = 0; at < seeds; at += CHUNK) {
    yield { kind: 'seeds', from: from + at, count: Math.min(CHUNK, seeds - at) };
  }
}

async function showFailure({ seed, violations, plan }: Failure): Promise<void> {
  const [first] = violations;
  if (first === undefined) return;
  const path = await keep({ ...first, plan });
  print(`\nseed ${seed} (npm run simulate -- --seed ${seed} --trace):`);
  showViolations(violations);
  const steps = `${planOf(seed).steps.length} steps became ${plan.steps.length}`;
  print(`  ${steps}, kept in ${relative(process.cwd(), path)}`);
}

async function showMutants({ from, seeds, workers }: Extract<SimulateOptions, { kind: 'mutants' }>): Promise<number> {
  const bar = createBar('{bar} {percentage} %  {value} of {total} mutants');
  const caught = new Map<string, Caught | undefined>();
  bar.start(MUTANTS.length, 0);
  const tasks = MUTANTS.map(({ name }): Task => ({ kind: 'mutant', name, from, seeds }));
  await shareOut(tasks, workers, (report) => {
    if (report.kind !== 'mutant') return;
    caught.set(report.name, report.caught);
    bar.increment();
  });
  bar.stop();
  const table = new Table({ head: ['mutant', 'caught by seed', 'rule'], style: { head: [], border: [] } });
  for (const { name } of MUTANTS) {
    const found = caught.get(name);
    table.push([name, found === undefined ? `not by ${seeds} seeds` : String(found.seed), found?.rule ?? '']);
  }
  print(table.toString());
  return MUTANTS.every(({ name }) => caught.get(name) !== undefined) ? 0 : 1;
}

function createBar(format: string): cliProgress.SingleBar {
  return new cliProgress.SingleBar({
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 5_000,
    hideCursor: true,
    format,
  });
}
