/** Deletes rows of an outbox that are published and gives up those that are not, gathered, beside everything else. */
import { systemClock } from '@messagecore/kernel';
import { type Logger, type LoopTiming, sleep, startLoop } from '@messagecore/runtime';

/**
 * Rows are settled together that are handed over within so long of each other: where little is written, so that their deletion is
 * not a transaction for each. Well below the relay's age. After a crash so much is published twice.
 */
const GATHER_MS = 200;

/** Rows in one statement. */
const ROWS = 1_000;

export interface SettlingDeps {
  readonly name: string;
  readonly log: Logger;
  readonly timing: LoopTiming;
  readonly forget: (ids: readonly number[]) => Promise<void>;
  readonly giveUp: (ids: readonly number[]) => Promise<void>;
}

export interface Settling {
  published(id: number): void;
  /** Its writer publishes it no more: it is the relay's. */
  left(id: number): void;
  /** To be called when nothing more is handed over. Settles when everything is done, or has failed once more. */
  stop(): Promise<void>;
}

export function startSettling({ name, log, timing, forget, giveUp }: SettlingDeps): Settling {
  const published: number[] = [];
  const left: number[] = [];
  const { clock = systemClock } = timing;

  const loop = startLoop({
    ...timing,
    name,
    everyMs: Infinity,
    log,
    async step(signal) {
      if (published.length + left.length > 0) await sleep(GATHER_MS, clock, signal);
      await settle();
    },
  });

  /** Rows of which this fails are the relay's when their writer's time is over. */
  async function settle(): Promise<void> {
    while (published.length > 0) await forget(published.splice(0, ROWS));
    while (left.length > 0) await giveUp(left.splice(0, ROWS));
  }

  const handOver = (to: number[]) => (id: number) => {
    to.push(id);
    loop.poke();
  };
  return {
    published: handOver(published),
    left: handOver(left),
    async stop() {
      await loop.stop();
      await settle().catch((err: unknown) => log.warn({ err }, 'published rows left in the outbox'));
    },
  };
}
