/** `npm run fuzz`: see options.ts. */
import { relative } from 'node:path';
import cliProgress from 'cli-progress';
import { runCommand } from '../support/command-line.ts';
import { runDecoders } from './decoders/run-decoders.ts';
import { runFrames } from './frames/run-frames.ts';
import { runHttp } from './http/run-http.ts';
import { keep } from './kept.ts';
import { type FuzzOptions, type GroupName, parseOptions, USAGE } from './options.ts';
import { formatTable } from './report.ts';
import type { Outcome, RunOptions } from './run.ts';

const RUN: Readonly<Record<GroupName, (options: RunOptions) => Promise<Outcome[]>>> = {
  decoders: runDecoders,
  http: runHttp,
  frames: runFrames,
};

/** Inputs between two drawings of the bar: drawing costs more than judging. */
const DRAWN_EVERY = 500;

process.exitCode = await runCommand({ parseOptions, usage: USAGE, run: fuzz });

async function fuzz({ inputs, seed }: FuzzOptions): Promise<number> {
  const startedAt = performance.now();
  const outcomes: Outcome[] = [];
  for (const [group, count] of inputs) {
    const bar = createBar(`${group} {bar} {percentage} %  {value} of {total} inputs  {eta} s left`);
    let done = 0;
    bar.start(count, 0);
    const onInput = () => void ((done += 1) % DRAWN_EVERY === 0 && bar.update(Math.min(done, count)));
    outcomes.push(...(await RUN[group]({ inputs: count, seed, onInput })));
    bar.update(count);
    bar.stop();
  }
  print(formatTable(outcomes));
  const failed = outcomes.flatMap(({ target, failures }) => failures.map((failure) => ({ target, failure })));
  for (const { target, failure } of failed) {
    print(`\n${target}: ${failure.why}\n  ${JSON.stringify(failure.input.toString()).slice(0, 2_000)}`);
    if (failure.input.length > 0) print(`  kept in ${relative(process.cwd(), await keep(target, failure))}`);
  }
  const total = outcomes.reduce((sum, outcome) => sum + outcome.inputs, 0);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  print(`\n${total} inputs in ${seconds} s, seed ${seed}: ${failed.length} failures`);
  return failed.length === 0 ? 0 : 1;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
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
