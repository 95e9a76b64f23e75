/**
 * What a killed PostgreSQL leaves running. Its back ends end by themselves when they see that the main process is gone,
 * most of them at once, one in the middle of a long statement when that is over; as long as one of them holds the shared
 * memory, PostgreSQL refuses to start on the same cluster.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from './wait.ts';

/** What PostgreSQL says as long as there are such processes. */
export const STILL_IN_USE = /pre-existing shared memory block .* is still in use/;

/** For those that end by themselves. */
const GRACE_MS = 2_000;
const DEATH_MS = 5_000;

/**
 * Settles when no process holds the shared memory of a main process that is gone; ends those that go on. Only Linux says who
 * holds it: elsewhere this does nothing, and the start is tried again instead.
 *
 * @throws Error when they cannot be ended.
 */
export async function endLeftoverBackends(cluster: string): Promise<void> {
  const id = await sharedMemoryOf(cluster);
  if (process.platform !== 'linux' || id === undefined) return;
  const gone = () => holdersOf(id) === 0;
  await waitUntil('the back ends of a killed PostgreSQL to end', gone, { timeoutMs: GRACE_MS }).catch(() => {
    for (const pid of processesThatHold(id)) killIfAlive(pid);
  });
  await waitUntil('the back ends of a killed PostgreSQL to die', gone, { timeoutMs: DEATH_MS });
}

/** The system's number of it, from the seventh line of the lock file: a key and the number. */
async function sharedMemoryOf(cluster: string): Promise<number | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const id = Number(/^\s*\d+\s+(\d+)\s*$/.exec(text.split('\n')[6] ?? '')?.[1]);
  return Number.isSafeInteger(id) ? id : undefined;
}

/** The seventh column of the system's table says how many processes are attached; 0 also when there is no such table. */
function holdersOf(id: number): number {
  try {
    const rows = readFileSync('/proc/sysvipc/shm', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    return Number(rows.find((row) => row[1] === String(id))?.[6] ?? 0);
  } catch {
    return 0;
  }
}

/** A mapping of shared memory has its key as name and its number where files have their inode. */
function processesThatHold(id: number): number[] {
  const mapping = new RegExp(`^\\S+ \\S+ \\S+ \\S+ ${id} +/SYSV`, 'm');
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && mapping.test(mapsOf(pid)));
}

function mapsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch {
    return '';
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
