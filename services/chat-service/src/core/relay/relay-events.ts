/**
 * Publishes events that stayed behind, as relay.ts does messages: under a lease, each after the earlier ones about the same,
 * and deleted when the bus has it.
 */
import { randomUUID } from 'node:crypto';
import type { Bus } from '@messagecore/bus';
import { type Logger, type Loop, type LoopTiming, startLoop } from '@messagecore/runtime';
import type { Sql } from '../../platform/database/connect.ts';
import { underLease } from '../../platform/database/lease.ts';
import { forgetEvents, oldestEvents } from './event-rows.ts';
import type { SendEvent, StoredEvent } from './send-event.ts';
import { ORPHAN_AGE_MS, WRITER_MS } from './writer-time.ts';

const LEASE = 'event-relay';
const EVERY_MS = 1_000;
/** Rows in one step, of up to 1,000 users each. */
const ROWS = 64;

export interface EventRelayDeps {
  readonly sql: Sql;
  readonly bus: Pick<Bus, 'connected'>;
  readonly send: SendEvent;
  /** Whether those who listen are back after the bus was away. */
  readonly areReceiversBack?: () => boolean;
  readonly log: Logger;
  readonly timing?: LoopTiming;
  /** Told how many rows were published. */
  readonly onRelayed?: (rows: number) => void;
  /** Rows so old are taken whoever wrote them. Longer than a writer takes over them when left out. */
  readonly ageMs?: number;
  /** Names this instance. */
  readonly holder?: string;
}

export function startEventRelay(given: EventRelayDeps): Loop {
  const deps = { holder: randomUUID(), areReceiversBack: () => true, ...given };
  const mayPublish = () => deps.bus.connected && deps.areReceiversBack();
  return startLoop({
    ...deps.timing,
    name: 'event relay',
    everyMs: EVERY_MS,
    log: deps.log,
    async step(signal) {
      while (mayPublish() && !signal.aborted && (await relayEvents(deps)) > 0);
    },
  });
}

/** Publishes the oldest events and deletes them. The number of rows; 0 also when another instance is at it. */
export async function relayEvents(deps: EventRelayDeps): Promise<number> {
  const { sql, log, onRelayed, timing = {}, holder = randomUUID(), ageMs = WRITER_MS } = deps;
  const page = () => oldestEvents(sql, { ageMs, orphanAgeMs: Math.min(ageMs, ORPHAN_AGE_MS), rows: ROWS });
  if ((await page()).length === 0) return 0;
  const { clock } = timing;
  const relayed = await underLease(sql, { name: LEASE, holder, ...(clock && { clock }) }, async (isLost) => {
    // Another instance may have published them meanwhile.
    const events = await page();
    const published: number[] = [];
    const failures = await Promise.all(
      [...byOrder(events)].map((chain) =>
        sendChain(deps.send, chain, isLost, (id) => published.push(id)).catch((error: unknown) => ({ error })),
      ),
    );
    if (published.length > 0) {
      await forgetEvents(sql, published);
      log.info({ rows: published.length }, 'published events that had stayed behind');
      onRelayed?.(published.length);
    }
    const failure = failures.find((failed) => failed !== undefined);
    if (failure !== undefined) throw failure.error;
    return published.length;
  });
  return relayed ?? 0;
}

/** Events of one topic about the same, in their order. */
function byOrder(events: readonly StoredEvent[]): Iterable<readonly StoredEvent[]> {
  const chains = new Map<string, StoredEvent[]>();
  for (const event of events) {
    const key = event.topic + event.about;
    const chain = chains.get(key);
    if (chain === undefined) chains.set(key, [event]);
    else chain.push(event);
  }
  return chains.values();
}

async function sendChain(
  send: SendEvent,
  chain: readonly StoredEvent[],
  isLost: () => boolean,
  onPublished: (id: number) => void,
): Promise<undefined> {
  for (const event of chain) {
    if (isLost()) throw new Error('another instance has the lease now');
    await send(event);
    onPublished(event.id);
  }
}
