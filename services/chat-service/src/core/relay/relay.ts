/**
 * Publishes what stayed behind: rows of the outbox whose writer died, was cut off from the bus, or had too much on its
 * way (CORE-3).
 *
 * Any number of instances run a relay. One at a time works, under a lease, so rows are published in the order of their ids,
 * which for each conversation is the order of its commits. A row is its writer's own for as long as that may still publish
 * it: until it says that it does not, its session is gone, or its time is over. No transaction is open while the bus is
 * waited for. Nothing is deleted before the stream has acknowledged it. When a step fails, its rows stay and the next step,
 * of whichever instance, takes them again; the stream and the gateways drop what they have already.
 */
import { randomUUID } from 'node:crypto';
import type { Bus, Publisher } from '@messagecore/bus';
import { type Logger, type Loop, type LoopTiming, startLoop, type Tracing } from '@messagecore/runtime';
import type { Sql } from '../../platform/database/connect.ts';
import { deliver } from './deliver.ts';
import { underLease, whileHeld } from '../../platform/database/lease.ts';
import { contentOf, forget, oldest, tracesOf } from './outbox.ts';
import { OutboxFloor } from './outbox-floor.ts';
import { ORPHAN_AGE_MS, WRITER_MS } from './writer-time.ts';

const LEASE = 'relay';

const EVERY_MS = 1_000;

/**
 * What one step publishes. Wide rows are hundreds of publications each: a page that were too much for a slow bus
 * would be begun again and again, and nothing behind it would ever be published.
 */
const PAGE = { rows: 64, frames: 2_000 };

export interface RelayDeps {
  readonly sql: Sql;
  readonly bus: Pick<Bus, 'connected'>;
  readonly publisher: Publisher;
  readonly log: Logger;
  readonly timing?: LoopTiming;
  readonly tracing?: Tracing | undefined;
  /** Told how many rows were published. */
  readonly onRelayed?: (rows: number) => void;
  /** Rows so old are taken whoever wrote them. Longer than a writer takes over them when left out. */
  readonly ageMs?: number;
  /** Names this instance. */
  readonly holder?: string;
  /** From where the outbox is looked through. All of it when left out. */
  readonly floor?: OutboxFloor;
}

export function startRelay(given: RelayDeps): Loop {
  const floor = new OutboxFloor(given.timing?.clock);
  const deps = { holder: randomUUID(), floor, ...given };
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
export async function relayPage(deps: RelayDeps): Promise<number> {
  const {
    sql,
    publisher,
    log,
    onRelayed,
    timing = {},
    holder = randomUUID(),
    ageMs = WRITER_MS,
    tracing,
    floor,
  } = deps;
  const orphanAgeMs = Math.min(ageMs, ORPHAN_AGE_MS);
  const page = () => oldest(sql, { from: floor?.id ?? 0, ageMs, orphanAgeMs, ...PAGE });
  await floor?.raise(sql);
  if ((await page()).length === 0) return 0;
  const { clock } = timing;
  const relayed = await underLease(sql, { name: LEASE, holder, ...(clock && { clock }) }, async (isLost) => {
    // Another instance may have published them meanwhile.
    const rows = await page();
    if (rows.length === 0) return 0;
    const ranges = rows.flatMap((row) => row.ranges);
    await deliver(publisher, whileHeld(contentOf(sql, ranges, tracesOf(rows)), isLost), tracing);
    await forget(
      sql,
      rows.map(({ id }) => id),
    );
    log.info({ rows: rows.length }, 'published what had stayed behind');
    onRelayed?.(rows.length);
    return rows.length;
  });
  return relayed ?? 0;
}
