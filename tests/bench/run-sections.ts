import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchOptions } from './options.ts';
import { loadAverage } from './report/machine.ts';
import type { Outcome } from './report/report.ts';
import { SECTIONS } from './sections.ts';

/** A section that takes longer hangs. */
const SECTION_TIMEOUT_MS = 6 * 60_000;

/** Runs the sections one after the other, each with a folder of its own. One that fails leaves the others alone. */
export async function runSections(
  { only, quick }: Pick<BenchOptions, 'only' | 'quick'>,
  print: (line: string) => void = printToStderr,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const startedAt = performance.now();
  for (const section of SECTIONS.filter(({ id }) => only.includes(id))) {
    const say = (line: string) => {
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      print(`${String(seconds).padStart(4)} s  ${section.id.padEnd(6)}  ${line}`);
    };
    say(`${section.title} (load of the machine: ${loadAverage()})`);
    const workDir = await mkdtemp(join(tmpdir(), 'messagecore-bench-'));
    // PostgreSQL may run as another account than ours.
    await chmod(workDir, 0o755);
    const cleanup = new AsyncDisposableStack();
    cleanup.defer(() => rm(workDir, { recursive: true, force: true }));
    const release = onInterrupt(() => cleanup.disposeAsync());
    try {
      const result = await withinTime(section.run({ quick, say, workDir, cleanup }));
      outcomes.push({ section, result });
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      say(`failed: ${failure.stack ?? failure.message}`);
      outcomes.push({ section, result: failure });
    }
    await cleanup.disposeAsync();
    release();
  }
  return outcomes;
}

/** Ctrl-C leaves no process and no file behind. Returns the way to let go of the signals. */
function onInterrupt(cleanUp: () => Promise<void>): () => void {
  const stop = () => void cleanUp().finally(() => process.exit(130));
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}

function printToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('took too long')), SECTION_TIMEOUT_MS);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
