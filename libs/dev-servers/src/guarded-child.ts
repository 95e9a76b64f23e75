import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { isAlive } from './process-info.ts';
import { waitUntil } from './wait.ts';

/**
 * A child process that does not outlive its owner.
 *
 * The child leads a process group of its own, so Ctrl-C in a terminal reaches the owner alone, which then stops its
 * children in the order that it wants. Should the owner die without a word (SIGKILL, out of memory), a watchdog beside
 * the child sees its pipe to the owner close and stops the child: `stopSignal` first, SIGKILL after ten seconds.
 */
export interface GuardedChild {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Settles when the process is gone; never rejects. */
  readonly exited: Promise<Exit>;
  readonly hasExited: boolean;
  signal(signal: NodeJS.Signals): void;
  /** Sends `stopSignal`, and SIGKILL after `graceMs`; settles when the process is gone. */
  stop(graceMs: number): Promise<Exit>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface GuardedSpawn extends SpawnOptions {
  readonly stopSignal?: NodeJS.Signals;
}

/** @throws the system's error when the program cannot be started (`ENOENT`, `EACCES`). */
export async function spawnGuarded(
  program: string,
  args: readonly string[],
  { stopSignal = 'SIGTERM', ...options }: GuardedSpawn = {},
): Promise<GuardedChild> {
  const child = spawn(program, args, { ...options, detached: true });
  let hasExited = false;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      hasExited = true;
      resolve({ code, signal });
    });
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  const releaseWatchdog = startWatchdog(pid, stopSignal);
  void exited.then(releaseWatchdog);

  const guarded: GuardedChild = {
    pid,
    process: child,
    exited,
    get hasExited() {
      return hasExited;
    },
    signal: (signal) => void child.kill(signal),
    stop: async (graceMs) => {
      child.kill(stopSignal);
      const killTimer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const exit = await exited;
      clearTimeout(killTimer);
      return exit;
    },
  };
  return guarded;
}

/** Stops a process that is not our child, the same way. Settles when it is gone. */
export async function stopForeign(pid: number, stopSignal: NodeJS.Signals, graceMs: number): Promise<void> {
  const gone = () => !isAlive(pid);
  const send = (signal: NodeJS.Signals) => {
    if (!gone()) process.kill(pid, signal);
  };
  send(stopSignal);
  await waitUntil(`process ${pid} to stop`, gone, { timeoutMs: graceMs }).catch(() => send('SIGKILL'));
  await waitUntil(`process ${pid} to die`, gone, { timeoutMs: 5_000 });
}

/** `read` succeeds when the owner writes a line (the child is gone) and fails at the end of the pipe (the owner is). */
const WATCHDOG = `
read -r _ && exit 0
kill -s "$1" "$0" 2>/dev/null
tries=0
while [ $tries -lt 100 ] && kill -0 "$0" 2>/dev/null; do sleep 0.1; tries=$((tries + 1)); done
kill -s KILL "$0" 2>/dev/null
`;

/** Starts the watchdog of `pid` and returns a function that ends it. */
function startWatchdog(pid: number, stopSignal: NodeJS.Signals): () => void {
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, String(pid), stopSignal.slice('SIG'.length)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const { stdin } = watchdog;
  watchdog.once('error', () => {});
  stdin.once('error', () => {});
  watchdog.unref();
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return () => stdin.end('\n');
}
