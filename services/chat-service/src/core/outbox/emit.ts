/**
 * Events leave through the outbox: they are stored in the transaction of what they tell of, published right after the
 * commit by the process that committed, and by the relay when that did not get to it.
 *
 * Events of one topic about the same keep their order if the transaction has locked what they are about before it emits:
 * ids then rise in the order of the commits, and each row knows the one before it.
 *
 * Raw SQL: many rows in one statement, which also looks for the rows before them.
 */
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import type { OutboxEvent, QueriedUsersEvent } from './events.ts';

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
 * Stores an event for the users of a query (its one column is `user_id`), however many these are: they never come here, and
 * the relay publishes it.
 */
export async function emitToQueried(
  tx: Transaction,
  { tid, about, payload, rowSize }: QueriedUsersEvent,
  users: ReturnType<Transaction>,
): Promise<void> {
  await tx`
    insert into outbox_events (topic, tenant_id, about, users, payload, writer_pid)
    select 'users', ${tid}::uuid, ${about}::uuid, array_agg(user_id order by user_id), ${payload}, null
    from (select user_id, (row_number() over (order by user_id) - 1) / ${rowSize} as part from (${users}) as q) as parts
    group by part order by part`;
}

export type Emit = (...events: readonly OutboxEvent[]) => Promise<void>;

/** Runs `work` in a transaction, and has what it emitted published when that is committed. */
export async function commitWithEvents<T>(
  sql: Pick<Sql, 'begin'>,
  publishEvents: PublishEvents,
  work: (tx: Transaction, emitEvents: Emit) => Promise<T>,
): Promise<T> {
  const emitted: EmittedEvent[] = [];
  const result = await sql.begin((tx) => work(tx, async (...events) => void emitted.push(...(await emit(tx, events)))));
  publishEvents(emitted);
  return result as T;
}
