/** A thread that hashes passwords, one after the other, and yields to every other thread for a core. */
import { argon2Sync } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { HASH_BYTES, type HashTask } from '../phc.ts';

/** Below the process's other threads: of a core that both want it gets a tenth. 19 is the lowest. */
const BELOW = 10;
const LOWEST = 19;

lowerPriority();
parentPort?.on('message', ({ password, salt, memory, passes, parallelism }: HashTask) => {
  const task = { message: password, nonce: salt, memory, passes, parallelism, tagLength: HASH_BYTES };
  parentPort?.postMessage(argon2Sync('argon2id', task), []);
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
