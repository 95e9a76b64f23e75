import { readFileSync } from 'node:fs';
import { type DevServer, logFileOf } from '@messagecore/dev-servers';
import { processTree } from './process-tree.ts';

/** One process of the cluster, with what can happen to it. A death that none of these methods caused is `unexpected`. */
export class Part {
  readonly name: string;
  readonly server: DevServer;
  readonly #onDeath: (death: string) => void;
  #expected = false;
  #paused = false;

  constructor(name: string, server: DevServer, onDeath: (death: string) => void) {
    this.name = name;
    this.server = server;
    this.#onDeath = onDeath;
    server.onCrash((reason) => {
      if (!this.#expected) this.#onDeath(`${name} died by itself: ${reason}\n${endOfLog(server)}`);
    });
  }

  get isRunning(): boolean {
    return this.server.isRunning;
  }

  /** SIGKILL, children included: as a power failure. */
  async kill(): Promise<void> {
    this.#paused = false;
    await this.server.kill();
  }

  /** The polite stop, which the process finishes by itself. */
  async stop(): Promise<void> {
    await this.server.stop();
  }

  /** Starts it again on its port and data; stops it politely first when it runs. */
  async restart(): Promise<void> {
    await this.server.restart();
    this.#expected = false;
  }

  /** SIGSTOP, children included: it keeps its connections and does nothing. */
  pause(): void {
    this.#paused = true;
    this.#signal('SIGSTOP');
  }

  /** SIGCONT. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#signal('SIGCONT');
  }

  /** Sends the main process a signal that ends it in a way of its own. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#expected = true;
    const { pid } = this.server;
    if (pid !== undefined) process.kill(pid, signal);
    while (this.server.isRunning) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** From now on it may die without being asked: the fault leaves it no choice. */
  mayDie(): void {
    this.#expected = true;
  }

  /** As if nothing had happened: it runs, and its later deaths count. */
  async recover(): Promise<void> {
    this.resume();
    if (!this.isRunning) await this.restart();
    this.#expected = false;
  }

  /** Resident memory, bytes; 0 while it does not run. */
  get memory(): number {
    try {
      const pages = readFileSync(`/proc/${this.server.pid}/statm`, 'utf8').split(' ')[1];
      return Number(pages) * PAGE_BYTES;
    } catch {
      return 0;
    }
  }

  /** The first its own, the rest its children's. */
  get pids(): readonly number[] {
    return this.server.pid === undefined ? [] : processTree(this.server.pid);
  }

  #signal(signal: NodeJS.Signals): void {
    for (const pid of this.pids) {
      try {
        process.kill(pid, signal);
      } catch {
        // A back end that has just ended.
      }
    }
  }
}

const PAGE_BYTES = 4_096;

const LOG_LINES = 12;

function endOfLog({ dataDir }: DevServer): string {
  return readFileSync(logFileOf(dataDir), 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
}
