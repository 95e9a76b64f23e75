import { openSync, closeSync } from 'node:fs';
import { childrenOf, isAlive } from './process-info.ts';
import { type GuardedSpawn, spawnGuarded } from './guarded-child.ts';
import { waitUntil } from './wait.ts';

/** One life of a server, from launch to exit: a process of this machine, or a container. */
export interface Running {
  /** Undefined for a container, whose processes belong to the container runtime. */
  readonly pid: number | undefined;
  /** Settles with the reason when it is over; never rejects. */
  readonly exited: Promise<string>;
  readonly hasExited: () => boolean;
  /** Sends the stop signal, and SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<void>;
  /** As a power failure would: no chance to finish anything. */
  kill(): Promise<void>;
}

/** Launches a program of this machine; what it prints is appended to `logFile`. */
export async function launchProcess(
  program: string,
  args: readonly string[],
  { logFile, ...options }: GuardedSpawn & { logFile: string },
): Promise<Running> {
  const output = openSync(logFile, 'a');
  try {
    const child = await spawnGuarded(program, args, { ...options, stdio: ['ignore', output, output] });
    return {
      pid: child.pid,
      exited: child.exited.then(({ code, signal }) => (signal === null ? `exit code ${code}` : signal)),
      hasExited: () => child.hasExited,
      stop: async (graceMs) => {
        await child.stop(graceMs);
      },
      kill: async () => {
        const family = childrenOf(child.pid);
        child.signal('SIGKILL');
        for (const pid of family) killQuietly(pid);
        await child.exited;
        await waitUntil(`the children of ${program} to die`, () => !family.some(isAlive));
      },
    };
  } finally {
    closeSync(output);
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It followed its parent by itself.
  }
}
