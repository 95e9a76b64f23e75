import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchContext } from './section.ts';

/**
 * Does `work` with a folder of its own, and stops what was started and removes the folder afterwards, also after Ctrl-C.
 */
export async function inWorkplace<T>(
  shared: Pick<BenchContext, 'quick' | 'say' | 'postgres' | 'ordinary'>,
  work: (context: BenchContext) => Promise<T>,
): Promise<T> {
  const workDir = await mkdtemp(join(tmpdir(), 'messagecore-bench-'));
  // PostgreSQL may run as another account than ours.
  await chmod(workDir, 0o755);
  const cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(workDir, { recursive: true, force: true }));
  const release = onInterrupt(() => cleanup.disposeAsync());
  try {
    return await work({ ...shared, workDir, cleanup });
  } finally {
    await cleanup.disposeAsync();
    release();
  }
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
