import { mkdir } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { launchProcess, logFileOf, type Running, waitUntil } from '@messagecore/dev-servers';
import { type Network, on, pidsOn } from './network.ts';

/** A program of a machine. */
export interface Program {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its log is here. */
  readonly dir: string;
}

export interface MachineOptions {
  readonly name: string;
  readonly network: Network;
  readonly programs: readonly Program[];
  /** Whether everything on it answers. */
  readonly answers: () => Promise<boolean>;
  readonly onDeath: (death: string) => void;
}

const START_WITHIN_MS = 90_000;
const LOG_LINES = 12;

/** Some processes that share a fate: that of the machine they run on. One that ends by itself is a death. */
export class Machine {
  readonly name: string;
  readonly #options: MachineOptions;
  #running: readonly Running[] = [];
  #isPaused = false;
  #isCut = false;

  constructor(options: MachineOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Starts everything on it, and waits until it answers. */
  async start(): Promise<void> {
    this.#running = await Promise.all(this.#options.programs.map((program) => this.#launch(program)));
    await waitUntil(`${this.name} to answer`, () => this.answers(), { timeoutMs: START_WITHIN_MS });
  }

  /** Whether it answers; never rejects. */
  answers(): Promise<boolean> {
    return this.#options.answers().catch(() => false);
  }

  /** SIGKILL of everything on it: as a power failure. */
  async kill(): Promise<void> {
    const ended = this.#running.map(({ exited }) => exited);
    this.#running = [];
    this.#isPaused = false;
    for (let pids = await this.#pids(); pids.length > 0; pids = await this.#pids()) signalAll(pids, 'SIGKILL');
    await Promise.all(ended);
  }

  /** SIGSTOP of everything on it: it keeps its connections and does nothing. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    signalAll(await this.#pids(), 'SIGSTOP');
  }

  async cut(): Promise<void> {
    this.#isCut = true;
    await this.#options.network.cut(this.name);
  }

  /** As if nothing had happened. */
  async recover(): Promise<void> {
    if (this.#isCut) await this.#options.network.mend(this.name);
    this.#isCut = false;
    if (this.#isPaused) signalAll(await this.#pids(), 'SIGCONT');
    this.#isPaused = false;
    if (this.#running.length === 0) await this.start();
  }

  #pids(): Promise<number[]> {
    return pidsOn(this.name);
  }

  async #launch({ command, env, dir }: Program): Promise<Running> {
    await mkdir(dir, { recursive: true });
    const [program, ...args] = [...on(this.name), ...command] as [string, ...string[]];
    const running = await launchProcess(program, args, { env, cwd: '/', logFile: logFileOf(dir) });
    void running.exited.then((reason) => {
      if (!this.#running.includes(running)) return;
      this.#options.onDeath(`${this.name}: ${command[0]} ended by itself: ${reason}\n${endOfLog(dir)}`);
    });
    return running;
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  }
}

function endOfLog(dir: string): string {
  return readFileSync(logFileOf(dir), 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
}
