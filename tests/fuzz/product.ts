/** The product in processes of its own, which are watched while inputs are thrown at them. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Product, startProduct } from '../bench/stack/product.ts';
import type { Failure, Outcome } from './run.ts';

/** Starts the product, hands it on, and leaves nothing behind, also when interrupted. */
export async function withProduct<T>(use: (product: Product) => Promise<T>): Promise<T> {
  await using cleanup = new AsyncDisposableStack();
  const workDir = await mkdtemp(join(tmpdir(), 'messagecore-fuzz-'));
  // PostgreSQL may run as another account than ours.
  await chmod(workDir, 0o755);
  cleanup.defer(() => rm(workDir, { recursive: true, force: true }));
  const stop = () => void cleanup.disposeAsync().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, stop);
    cleanup.defer(() => void process.off(signal, stop));
  }
  return await use(await startProduct({ quick: true, say: () => {}, workDir, cleanup }));
}

type Service = Product['gateways'][number];

/** What a process holds after inputs that it did not hold before them, beyond which it leaks. */
const HEAP_SLACK_BYTES = 24 * 1024 * 1024;
const RSS_SLACK_BYTES = 160 * 1024 * 1024;
const FAULTS = /unhandled|uncaught|"code":"internal"/i;

export interface Memory {
  readonly rss: number;
  readonly heap: number;
}

/** The outcome as the service saw it: its memory, and whether it is whole. */
export async function inspected(outcome: Outcome, service: Service, before: Memory): Promise<Outcome> {
  const { process } = service;
  if (process.hasExited) return failed(outcome, `a process ended:\n${process.output}`);
  const after = await process.memory();
  const { inputs } = outcome;
  const whole = { ...outcome, heap: { before: before.heap, after: after.heap } };
  if (FAULTS.test(process.output)) return failed(whole, `a process complains:\n${process.output}`);
  if (after.heap - before.heap > HEAP_SLACK_BYTES) {
    return failed(whole, `the heap of a process grew by ${after.heap - before.heap} bytes over ${inputs} inputs`);
  }
  if (after.rss - before.rss > RSS_SLACK_BYTES) {
    return failed(whole, `the memory of a process grew by ${after.rss - before.rss} bytes over ${inputs} inputs`);
  }
  return whole;
}

export function failed(outcome: Outcome, why: string): Outcome {
  const failure: Failure = { input: Buffer.alloc(0), why };
  return { ...outcome, failures: [...outcome.failures, failure] };
}
