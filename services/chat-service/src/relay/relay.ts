/**
 * Publishes what stayed behind: rows of the outbox whose writer died, was cut off from the bus, or had too much on its
 * way (CORE-3).
 *
 * Any number of instances run a relay. One at a time works, under an advisory lock that ends with its transaction, so
 * rows are published in the order of their ids, which for each conversation is the order of its commits. Nothing is
 * deleted before the stream has acknowledged it. When a step fails, its rows stay and the next step, of whichever
 * instance, takes them again; the stream and the gateways drop what they have already.
 */
import type { Bus, Publisher } from '@messagecore/bus';
import { type Logger, type Loop, type LoopTiming, startLoop } from '@messagecore/runtime';
import type { Sql } from '../store/connect.ts';
import { deliver } from './deliver.ts';
import { lockFor } from './lock.ts';
import { contentOf, forget, oldest } from './outbox.ts';

const LOCK = 3_318_220_551;

/** Younger rows are their writer's own. */
const AGE_MS = 1_000;

const EVERY_MS = 1_000;

/**
 * What one transaction publishes. Wide rows are hundreds of publications each: a page that were too much for a slow bus
 * would be begun again and again, and nothing behind it would ever be published.
 */
const PAGE = { rows: 64, frames: 2_000 };

/** A page waits for the bus as well: while it is read, which is one statement, and after the last row. Milliseconds. */
const PATIENCE = { statement: 60_000, idle: 30_000 };

export interface RelayDeps {
  readonly sql: Sql;
  readonly bus: Pick<Bus, 'connected'>;
  readonly publisher: Publisher;
  readonly log: Logger;
  readonly timing?: LoopTiming;
  /** Told how many rows were published. */
  readonly onRelayed?: (rows: number) => void;
  readonly ageMs?: number;
}

export function startRelay(deps: RelayDeps): Loop {
  return startLoop({
    ...deps.timing,
    name: 'relay',
    everyMs: EVERY_MS,
    log: deps.log,
    async step(signal) {
      while (deps.bus.connected && !signal.aborted && (await relayPage(deps)) > 0);
    },
  });
}

/** Publishes the oldest rows and deletes them. The number of rows; 0 also when another instance is at it. */
export async function relayPage({ sql, publisher, log, onRelayed, ageMs = AGE_MS }: RelayDeps): Promise<number> {
  return sql.begin(async (tx) => {
    if (!(await lockFor(tx, LOCK, PATIENCE))) return 0;
    const ids = await oldest(tx, { ageMs, ...PAGE });
    if (ids.length === 0) return 0;
    await deliver(publisher, contentOf(tx, ids));
    await forget(tx, ids);
    log.info({ rows: ids.length }, 'published what had stayed behind');
    onRelayed?.(ids.length);
    return ids.length;
  });
}
