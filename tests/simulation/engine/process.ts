import type { Clock, Timer } from '@messagecore/kernel';
import type { Logger } from '@messagecore/runtime';
import type { Chance } from './chance.ts';
import { describe, type Simulator } from './simulator.ts';

/**
 * A process of the installation. Everything that reaches it passes `enter`: a killed process receives and
 * sends nothing more; a frozen one receives everything when it thaws, in order, as after SIGSTOP and SIGCONT.
 */
export class Process {
  readonly name: string;
  readonly simulator: Simulator;
  readonly chance: Chance;
  readonly clock: Clock;
  readonly log: Logger;
  #alive = true;
  #frozen = false;
  #backlog: (() => void)[] = [];
  #onKilled: (() => void)[] = [];

  constructor(simulator: Simulator, name: string) {
    this.simulator = simulator;
    this.name = name;
    this.chance = simulator.chance(name);
    this.log = quietLog(simulator, name);
    this.clock = {
      now: () => Math.trunc(simulator.clock.now()),
      monotonic: () => simulator.clock.monotonic(),
      setTimeout: (fn, ms) => this.#setTimeout(fn, ms),
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** The next turn of its event loop. */
  readonly defer = (fn: () => void): void => void this.clock.setTimeout(fn, 0);

  enter(fn: () => void): void {
    if (!this.#alive) return;
    if (this.#frozen) {
      this.#backlog.push(fn);
      return;
    }
    try {
      fn();
    } catch (fault) {
      this.simulator.faults.push(`${this.name}: ${describe(fault)}`);
    }
  }

  onKilled(fn: () => void): void {
    this.#onKilled.push(fn);
  }

  kill(): void {
    if (!this.#alive) return;
    this.simulator.note(this.name, () => 'killed');
    this.#alive = false;
    this.#backlog = [];
    for (const fn of this.#onKilled.splice(0)) fn();
  }

  freeze(): void {
    this.simulator.note(this.name, () => 'frozen');
    this.#frozen = true;
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.simulator.note(this.name, () => 'thawed');
    this.#frozen = false;
    // One by one, each in a turn of its own.
    for (const fn of this.#backlog.splice(0)) this.simulator.after(0, () => this.enter(fn));
  }

  #setTimeout(fn: () => void, ms: number): Timer {
    let cancelled = false;
    const timer = this.simulator.clock.setTimeout(() => this.enter(() => cancelled || fn()), ms);
    return {
      cancel() {
        cancelled = true;
        timer.cancel();
      },
    };
  }
}

/** Lines of the log go into the trace. */
function quietLog(simulator: Simulator, name: string): Logger {
  const line = (level: string) => (fields: unknown, msg?: string) =>
    simulator.note(name, () => {
      const { err } = (typeof fields === 'object' && fields !== null ? fields : {}) as { err?: unknown };
      const why = err instanceof Error ? `: ${err.message}` : '';
      return `${level}: ${msg ?? String(fields)}${why}`;
    });
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  return log as unknown as Logger;
}
