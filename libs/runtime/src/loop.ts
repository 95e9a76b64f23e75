import { Backoff, type Clock, type Random, systemClock } from '@messagecore/kernel';
import type { Logger } from './logger.ts';
import { sleep } from './sleep.ts';

/** Where a loop has its time and chance from; the system's when left out. */
export interface LoopTiming {
  readonly clock?: Clock;
  /** For the waits after failed steps. */
  readonly random?: Random;
}

export interface LoopOptions extends LoopTiming {
  readonly name: string;
  /** Milliseconds from the end of one step to the start of the next; `Infinity` runs when poked only. */
  readonly everyMs: number;
  /** One round of work. `signal` aborts when the loop is told to stop; a step that takes long must heed it. */
  readonly step: (signal: AbortSignal) => Promise<void> | void;
  /** Stops the loop, like `stop`. */
  readonly signal?: AbortSignal;
  /** Waits after failed steps. From 100 ms to 5 s when left out. */
  readonly backoff?: Backoff;
  readonly log?: Pick<Logger, 'error' | 'info'>;
}

export interface Loop {
  /** Ends the loop; settles when the step under way has ended. */
  stop(): Promise<void>;
  /** Runs a step at once, or right after the one under way. Does not shorten the wait after a failure. */
  poke(): void;
}

/**
 * Repeats a step until it is stopped, the first time at once.
 *
 * Steps never overlap. A step that throws is logged and tried again after a wait that grows with every failure and is
 * forgotten after a success; a loop never ends by itself.
 */
export function startLoop(options: LoopOptions): Loop {
  const { name, everyMs, step, clock = systemClock, random = Math.random, log } = options;
  const backoff = options.backoff ?? new Backoff({ minMs: 100, maxMs: 5_000, random });
  const stopping = new AbortController();
  const stopped = options.signal === undefined ? stopping.signal : AbortSignal.any([options.signal, stopping.signal]);
  let poked = false;
  let wake = () => {};

  async function pause(ms: number, wakeable: boolean): Promise<void> {
    const woken = new AbortController();
    if (wakeable) wake = () => woken.abort();
    const end = () => woken.abort();
    stopped.addEventListener('abort', end, { once: true });
    if (stopped.aborted || (wakeable && poked)) end();
    await sleep(ms, clock, woken.signal);
    stopped.removeEventListener('abort', end);
    wake = () => {};
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopped.aborted) {
      poked = false;
      try {
        await step(stopped);
        if (failures > 0) log?.info({ loop: name, failures }, 'loop works again');
        failures = 0;
        backoff.reset();
      } catch (err) {
        if (stopped.aborted) return;
        failures += 1;
        log?.error({ loop: name, failures, err }, 'loop step failed');
        await pause(backoff.next(), false);
        continue;
      }
      await pause(everyMs, true);
    }
  }

  const ended = run();
  return {
    stop() {
      stopping.abort();
      return ended;
    },
    poke() {
      poked = true;
      wake();
    },
  };
}
