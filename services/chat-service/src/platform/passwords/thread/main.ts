/** A thread that hashes passwords, one after the other, and yields to every other thread for a core. */
import { argon2Sync } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { systemClock } from '@messagecore/kernel';
import { HASH_BYTES, type HashTask } from '../phc.ts';

/** Below the process's other threads: of a core that both want it gets a tenth. 19 is the lowest. */
const BELOW = 10;
const LOWEST = 19;

/**
 * Where others want the cores, priority alone does not keep out of their way: a thread that runs is not taken off its core at
 * once, and shares caches with them. So it rests the longer, the longer it was kept waiting for a core; on a machine with
 * cores to spare it never does.
 */
const REST_FOR_WAIT = 3;
const MOST_REST_MS = 250;

lowerPriority();
const bell = new Int32Array(new SharedArrayBuffer(4));
parentPort?.on('message', ({ password, salt, memory, passes, parallelism }: HashTask) => {
  const task = { message: password, nonce: salt, memory, passes, parallelism, tagLength: HASH_BYTES };
  const [start, used] = [systemClock.monotonic(), process.threadCpuUsage()];
  parentPort?.postMessage(argon2Sync('argon2id', task), []);
  const { user, system } = process.threadCpuUsage(used);
  const waitedMs = systemClock.monotonic() - start - (user + system) / 1_000;
  Atomics.wait(bell, 0, 0, Math.min(MOST_REST_MS, Math.max(0, REST_FOR_WAIT * waitedMs)));
});

/** Of this thread alone. Where the system has no priorities of threads it stays as it is. */
function lowerPriority(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, Math.min(LOWEST, getPriority(thread) + BELOW));
  } catch {
    // Not Linux.
  }
}
