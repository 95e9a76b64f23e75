/** Gives a target its inputs, and looks at what every one of them took. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { ACCEPTED, hold, type Target, Violation } from './target.ts';

export interface Failure {
  /** As small as it could be made. */
  readonly input: Buffer;
  readonly why: string;
}

export interface Outcome {
  readonly target: string;
  readonly inputs: number;
  /** How often each answer was given. */
  readonly verdicts: ReadonlyMap<string, number>;
  /** Longest time that one input took, also when tried again, milliseconds. */
  readonly worstMs: number;
  /** After full collections, bytes. */
  readonly heap: { readonly before: number; readonly after: number };
  readonly failures: readonly Failure[];
}

export interface RunOptions {
  readonly inputs: number;
  readonly seed: number;
  readonly onInput?: () => void;
}

/** No input may take longer than this, not even the longest. */
const SLOW_MS = 150;
/** More failures of one target than this say nothing new. */
const FAILURES = 5;
/** Of so many inputs some are as they should be; when all are refused, it is for another reason than what they are. */
const ENOUGH = 500;
/** What is warm after a run and was cold before: compiled code, caches of the decoders. */
const HEAP_SLACK_BYTES = 24 * 1024 * 1024;

export async function runTarget(target: Target, options: RunOptions): Promise<Outcome> {
  const { stackTraceLimit } = Error;
  // Refusals are made by the thousand here, and nobody reads where.
  Error.stackTraceLimit = 0;
  try {
    return await tryInputs(target, options);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function tryInputs(target: Target, { inputs, seed, onInput }: RunOptions): Promise<Outcome> {
  const watch = new Watch(target, onInput);
  const failures: Failure[] = [];
  const lanes = target.network?.lanes ?? 1;
  const before = heapBytes();
  const run = (lane: number) => search(watch, Math.ceil(inputs / lanes), seed * LANE_SEEDS + lane, failures);
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)));
  const after = heapBytes();
  if (after - before > HEAP_SLACK_BYTES) {
    failures.push({
      input: Buffer.alloc(0),
      why: `the heap grew by ${after - before} bytes over ${watch.count} inputs`,
    });
  }
  const { count, verdicts, worstMs } = watch;
  if (count >= ENOUGH && !verdicts.has(ACCEPTED)) {
    failures.push({ input: Buffer.alloc(0), why: `none of ${count} inputs was accepted: nothing is tried here` });
  }
  return { target: target.name, inputs: count, verdicts, worstMs, heap: { before, after }, failures };
}

/** Seeds are apart, so that no lane does what another one does. */
const LANE_SEEDS = 1_000;

async function search(watch: Watch, inputs: number, firstSeed: number, failures: Failure[]): Promise<void> {
  const { target } = watch;
  const property = fc.asyncProperty(target.inputs, (input) => watch.judge(input));
  for (let left = inputs, seed = firstSeed; left > 0 && failures.length < FAILURES; seed += LANE_SEEDS / 10) {
    const found = await fc.check(property, { seed, numRuns: left });
    left -= found.numRuns;
    if (!found.failed || found.counterexample === null) continue;
    const [input] = found.counterexample;
    failures.push({ input, why: await whyFails(target, input, found.errorInstance) });
  }
}

/** Judges, counts and times. */
class Watch {
  count = 0;
  worstMs = 0;
  readonly verdicts = new Map<string, number>();
  readonly target: Target;
  readonly #onInput: (() => void) | undefined;

  constructor(target: Target, onInput: (() => void) | undefined) {
    this.target = target;
    this.#onInput = onInput;
  }

  async judge(input: Buffer): Promise<void> {
    this.count += 1;
    this.#onInput?.();
    const { verdict, ms } = await this.#timed(input);
    this.verdicts.set(verdict, (this.verdicts.get(verdict) ?? 0) + 1);
    if (ms <= this.worstMs) return;
    const { network } = this.target;
    if (network !== undefined) {
      this.worstMs = ms;
      return hold(ms < network.slowMs, `takes ${ms.toFixed()} ms`);
    }
    // Once may be the collector's doing, or another process's: the input is slow when it is so every time.
    const again = Math.min(ms, (await this.#timed(input)).ms, (await this.#timed(input)).ms);
    this.worstMs = Math.max(this.worstMs, again);
    hold(again < SLOW_MS, `takes ${again.toFixed()} ms`);
  }

  async #timed(input: Buffer): Promise<{ verdict: string; ms: number }> {
    const start = performance.now();
    const verdict = await this.target.check(input);
    return { verdict, ms: performance.now() - start };
  }
}

/** Judges once more, now with a trace of where it was thrown. */
async function whyFails(target: Target, input: Buffer, first: unknown): Promise<string> {
  Error.stackTraceLimit = 10;
  try {
    await target.check(input);
    return describe(first);
  } catch (error) {
    return describe(error);
  } finally {
    Error.stackTraceLimit = 0;
  }
}

function describe(error: unknown): string {
  if (error instanceof Violation || !(error instanceof Error)) return String(error);
  const [where = ''] = (error.stack ?? '').split('\n').filter((line) => /^ +at .*\.ts:/.test(line));
  return `${error.name}: ${error.message} ${where.trim()}`;
}

let collect: (() => void) | undefined;

function heapBytes(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
