import { readFileSync, statSync, truncateSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopForeign } from './guarded-child.ts';
import type { Log } from './log.ts';
import { freePort, isPortFree } from './ports.ts';
import { processInfo } from './process-info.ts';
import type { Running } from './running.ts';
import { waitUntil } from './wait.ts';

export interface ServerOptions {
  /** Everything of the server lives below it; made when missing, kept when the server stops. */
  readonly dataDir: string;
  /** Must be free. Without it a free one is chosen; either way the server keeps it for all its lives. */
  readonly port?: number;
  /** Told what takes long; standard error if not given. */
  readonly log?: Log;
}

/** A real server that this process started, answering when the promise that gave it settled. */
export interface DevServer {
  readonly title: string;
  readonly version: string;
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly isRunning: boolean;
  /** Undefined while it does not run, and for a container. */
  readonly pid: number | undefined;
  /** Stops it politely, data safe. Stopping a stopped server does nothing. */
  stop(): Promise<void>;
  /** Kills it at once, as a power failure would (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, stopping it first when it runs. */
  restart(): Promise<void>;
  /** Calls `listener` with the reason whenever the server ends without having been asked to. Returns the way to stop that. */
  onCrash(listener: (reason: string) => void): () => void;
}

/** What one kind of server knows about itself. */
export interface Kind {
  readonly title: string;
  readonly version: string;
  readonly url: string;
  readonly port: number;
  readonly stopSignal: NodeJS.Signals;
  /** Leaves the data folder fit for a start, whatever happened before. */
  prepare(): Promise<void>;
  launch(): Promise<Running>;
  /** Whether it answers; may throw while it does not. */
  answers(): Promise<boolean>;
  /** What it says when it cannot start for a reason that passes: the start is tried again for a while. */
  readonly passes?: RegExp;
}

const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 10_000;
const RETRY_MS = 250;
/** A port that was its own a moment ago: somebody else's for a moment, or not given back yet by the container runtime. */
const PORT_TAKEN = /address already in use|port is already allocated/i;
const MAX_PORT_CHOICES = 5;
/** Enough for a stack trace with the error above it. */
const LOG_LINES_SHOWN = 25;
const LOG_FILE_BYTES = 8 * 1024 * 1024;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const logFileOf = (dataDir: string): string => join(dataDir, 'server.log');

/**
 * Starts a server and waits until it answers.
 *
 * A server left behind by an owner that is gone is stopped first; one whose owner lives is an error, since two servers on
 * one data folder destroy it.
 *
 * @throws Error with the end of the server's log when it does not come up, or saying who holds the port or the folder.
 */
export async function startServer(
  { dataDir, port, log }: ServerOptions,
  kindOn: (port: number) => Promise<Kind>,
): Promise<DevServer> {
  await mkdir(dataDir, { recursive: true });
  await clearStale(dataDir, log);
  if (port !== undefined && !(await isPortFree(port))) throw new Error(`port ${port} on 127.0.0.1 is taken`);
  for (let choice = 1; ; choice += 1) {
    const chosen = port ?? (await freePort());
    try {
      return await ManagedServer.start(dataDir, await kindOn(chosen));
    } catch (error) {
      // Somebody was faster on a port that we were free to choose, or on one that the server derives from it.
      const isTaken = PORT_TAKEN.test(messageOf(error)) || !(await isPortFree(chosen));
      if (port !== undefined || choice === MAX_PORT_CHOICES || !isTaken) throw error;
    }
  }
}

class ManagedServer implements DevServer {
  readonly title: string;
  readonly version: string;
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly #kind: Kind;
  readonly #listeners = new Set<(reason: string) => void>();
  #running: Running | undefined;
  /** From its first answer until somebody ends it: an exit in between is a crash. */
  #up = false;
  /** It has had a life on this port. */
  #wasUp = false;

  static async start(dataDir: string, kind: Kind): Promise<DevServer> {
    const server = new ManagedServer(dataDir, kind);
    await server.restart();
    return server;
  }

  private constructor(dataDir: string, kind: Kind) {
    this.title = kind.title;
    this.version = kind.version;
    this.url = kind.url;
    this.port = kind.port;
    this.dataDir = dataDir;
    this.#kind = kind;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get pid(): number | undefined {
    return this.#running?.pid;
  }

  onCrash(listener: (reason: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  stop(): Promise<void> {
    return this.#endWith((running) => running.stop(STOP_GRACE_MS));
  }

  kill(): Promise<void> {
    return this.#endWith((running) => running.kill());
  }

  async restart(): Promise<void> {
    await this.stop();
    trimLog(logFileOf(this.dataDir));
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      try {
        return await this.#start();
      } catch (error) {
        if (performance.now() > deadline || !this.#passes(error)) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  async #start(): Promise<void> {
    const logFrom = sizeOf(logFileOf(this.dataDir));
    await this.#kind.prepare();
    const running = await this.#kind.launch();
    this.#running = running;
    if (running.pid !== undefined) await recordPid(this.dataDir, running.pid, this.#kind.stopSignal);
    void running.exited.then((reason) => this.#onExit(running, reason));
    try {
      await this.#untilItAnswers(running, logFrom);
      this.#up = true;
      this.#wasUp = true;
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Whether the start failed for a reason that passes. For its first life another port is chosen instead. */
  #passes(error: unknown): boolean {
    const said = messageOf(error);
    return this.#kind.passes?.test(said) === true || (this.#wasUp && PORT_TAKEN.test(said));
  }

  async #endWith(how: (running: Running) => Promise<void>): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#up = false;
    await how(running);
    this.#running = undefined;
    await rm(pidFileOf(this.dataDir), { force: true });
  }

  #onExit(running: Running, reason: string): void {
    if (!this.#up || this.#running !== running) return;
    this.#up = false;
    this.#running = undefined;
    for (const listener of this.#listeners) listener(reason);
  }

  async #untilItAnswers(running: Running, logFrom: number): Promise<void> {
    const { title } = this.#kind;
    await waitUntil(
      `${title} to answer on port ${this.port}`,
      () => {
        if (running.hasExited())
          throw new Error(`${title} did not start:\n${endOfLog(logFileOf(this.dataDir), logFrom)}`);
        return this.#kind.answers().catch(() => false);
      },
      { timeoutMs: START_TIMEOUT_MS },
    );
  }
}

interface PidRecord {
  readonly pid: number;
  readonly owner: number;
  readonly stopSignal: NodeJS.Signals;
}

const pidFileOf = (dataDir: string): string => join(dataDir, 'server.pid.json');

async function recordPid(dataDir: string, pid: number, stopSignal: NodeJS.Signals): Promise<void> {
  const record: PidRecord = { pid, owner: process.pid, stopSignal };
  await writeFile(`${pidFileOf(dataDir)}.new`, JSON.stringify(record));
  await rename(`${pidFileOf(dataDir)}.new`, pidFileOf(dataDir));
}

/**
 * The living process whose server runs on `dataDir`; undefined when none does. A server is known by its command line, which
 * names its folder, and its owner by being its parent: numbers alone are reused.
 */
export async function userOf(dataDir: string): Promise<number | undefined> {
  const record = await readRecord(dataDir);
  return record !== undefined && processInfo(record.pid)?.parent === record.owner ? record.owner : undefined;
}

async function clearStale(dataDir: string, log?: Log): Promise<void> {
  const user = await userOf(dataDir);
  if (user !== undefined) throw new Error(`${dataDir} is in use by process ${user}`);
  const left = await readRecord(dataDir);
  if (left !== undefined) {
    log?.(`stopping a server left behind in ${dataDir}`);
    await stopForeign(left.pid, left.stopSignal, STOP_GRACE_MS);
  }
  await rm(pidFileOf(dataDir), { force: true });
}

/** Undefined unless the server that was written down is the one that runs under its number now. */
async function readRecord(dataDir: string): Promise<PidRecord | undefined> {
  const text = await readFile(pidFileOf(dataDir), 'utf8').catch(() => '');
  const record = parseRecord(text);
  return record !== undefined && processInfo(record.pid)?.command.includes(dataDir) ? record : undefined;
}

/** Undefined for a file that a crash of the machine left empty or half written. */
function parseRecord(text: string): PidRecord | undefined {
  try {
    return JSON.parse(text) as PidRecord;
  } catch {
    return undefined;
  }
}

/** The last lines of what was written from this byte on. */
function endOfLog(path: string, from: number): string {
  try {
    return readFileSync(path).subarray(from).toString().trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
  } catch {
    return '(it wrote no log)';
  }
}

function trimLog(path: string): void {
  if (sizeOf(path) > LOG_FILE_BYTES) truncateSync(path);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
