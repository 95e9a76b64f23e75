import { VirtualClock } from '@messagecore/kernel';
import { Chance } from './chance.ts';

/** Turns that are queued at once: the loop of libuv costs more than a turn. */
const AHEAD = 64;

/**
 * The scheduler of a run and its virtual time. Every event is a timer of `clock`, and between two of them every
 * promise that can settle settles, so one seed gives one history.
 */
export class Simulator {
  readonly seed: number;
  readonly clock = new VirtualClock();
  /** The trace, when asked for: one line for each event. */
  readonly trace: string[] | undefined;
  /** Faults of the code under test that no caller saw. */
  readonly faults: string[] = [];
  events = 0;

  constructor(seed: number, { trace = false }: { trace?: boolean } = {}) {
    this.seed = seed;
    this.trace = trace ? [] : undefined;
  }

  get now(): number {
    return this.clock.monotonic();
  }

  chance(concern: string): Chance {
    return new Chance(this.seed, concern);
  }

  note(who: string, what: () => string): void {
    this.trace?.push(`${this.now.toFixed(2).padStart(10)}  ${who.padEnd(8)} ${what()}`);
  }

  after(ms: number, fn: () => void): void {
    this.clock.setTimeout(fn, ms);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Runs event after event until `done` says so, or nothing is left to happen, or `maxEvents` were not enough. */
  run(done: () => boolean, maxEvents: number): Promise<void> {
    const onFault = (fault: unknown) => void this.faults.push(`unhandled: ${describe(fault)}`);
    process.on('unhandledRejection', onFault);
    return new Promise<void>((resolve, reject) => {
      let left = maxEvents;
      let over = false;
      const finish = (settle: () => void) => {
        over = true;
        settle();
      };
      const turn = () => {
        if (over) return;
        try {
          if (done() || !this.clock.runNext()) return finish(resolve);
          this.events += 1;
          if ((left -= 1) === 0) finish(() => reject(new Error(`no end after ${maxEvents} events`)));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const queue = () => {
        if (over) return;
        for (let count = 0; count < AHEAD; count += 1) setImmediate(turn);
        setImmediate(queue);
      };
      queue();
    }).finally(() => process.off('unhandledRejection', onFault));
  }
}

export function describe(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}
