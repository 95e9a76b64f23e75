/**
 * Events leave through the outbox: they are stored in the transaction of what they tell of, published right after the
 * commit by the process that committed, and by the relay when that did not get to it.
 *
 * Events of one topic about the same keep their order if the transaction has locked what they are about before it emits:
 * ids then rise in the order of the commits, and each row knows the one before it.
 *
 * Raw SQL: many rows in one statement, which also looks for the rows before them.
 */
import type { ConvEvent } from '@messagecore/protocol/bus';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import type { OutboxEvent } from './events.ts';
import { settleWrites } from './settle-writes.ts';

export interface EmittedEvent extends OutboxEvent {
  readonly id: number;
  /** The row that must be published before this one; undefined when there was none left. */
  readonly before: number | undefined;
}

/** Takes what was emitted, after the commit. Returns at once and never throws: what it drops is still in the outbox. */
export type PublishEvents = (events: readonly EmittedEvent[]) => void;

interface InsertedRow {
  readonly id: number;
  readonly before: number | null;
}

/** Stores events with one statement. To be given to a `PublishEvents` after the commit. */
export async function emit(tx: Transaction, events: readonly OutboxEvent[]): Promise<EmittedEvent[]> {
  if (events.length === 0) return [];
  const rows = await tx<InsertedRow[]>`
    insert into outbox_events as o (topic, tenant_id, about, users, payload)
    select topic, tid, about, users, payload
    from json_to_recordset(${JSON.stringify(events)}::text::json)
      as event (topic text, tid uuid, about uuid, users uuid[], payload text)
    returning id, (select max(b.id) from outbox_events b where b.topic = o.topic and b.about = o.about) as before`;
  const last = new Map<string, number>();
  return rows.map(({ id, before }, n) => {
    const event = events[n];
    if (event === undefined) throw new Error('more rows than events');
    const key = event.topic + event.about;
    const emitted = { ...event, id, before: last.get(key) ?? before ?? undefined };
    last.set(key, id);
    return emitted;
  });
}

/**
 * Stores events for all who take part in a conversation, however many these are: the relay finds them when it publishes
 * (core/relay/tell-participants.ts).
 */
export async function emitToParticipants(tx: Transaction, events: readonly Omit<ConvEvent, 'v'>[]): Promise<void> {
  if (events.length === 0) return;
  await tx`
    insert into outbox_participants (tenant_id, conversation_id, event, users, access)
    select tid, cid, event, users, access
    from json_to_recordset(${JSON.stringify(events)}::text::json)
      as given (tid uuid, cid uuid, event text, users uuid[], access bigint)`;
}

export type Emit = (...events: readonly OutboxEvent[]) => Promise<void>;

/**
 * Runs `work` in a transaction, and has what it emitted published when that is committed. Where that ends tokens, it settles
 * when nothing is stored by them any more.
 */
export async function commitWithEvents<T>(
  sql: Sql,
  publishEvents: PublishEvents,
  work: (tx: Transaction, emitEvents: Emit) => Promise<T>,
): Promise<T> {
  const emitted: EmittedEvent[] = [];
  const result = await sql.begin((tx) => work(tx, async (...events) => void emitted.push(...(await emit(tx, events)))));
  publishEvents(emitted);
  if (emitted.some(({ endsTokens }) => endsTokens === true)) await settleWrites(sql);
  return result as T;
}
