/** The statements of consumers. */
import type { PullConsumerState } from '@messagecore/bus';
import type { Sql, Transaction } from '../database/connect.ts';
import type { ConsumedEvent } from './consumer.ts';

export interface ConsumerRow {
  readonly streamCreatedAt: string;
  readonly position: number;
  readonly caughtUpAt: Date;
  readonly paused: boolean;
}

/** What a consumer that nobody has seen before starts with: all of the past is to be reconciled. */
export async function addConsumer(sql: Sql, name: string): Promise<void> {
  await sql`
    insert into consumers (name, stream_created_at, position, caught_up_at) values (${name}, '', 0, 'epoch')
    on conflict (name) do nothing`;
}

export async function readConsumer(sql: Sql | Transaction, name: string, lock = false): Promise<ConsumerRow> {
  const [row] = await sql<ConsumerRow[]>`
    select stream_created_at as "streamCreatedAt", position, caught_up_at as "caughtUpAt", paused
    from consumers where name = ${name} ${lock ? sql`for update` : sql``}`;
  if (row === undefined) throw new Error(`no consumer ${name}`);
  return row;
}

/** Longer than any transaction that writes to the outbox is open: what it wrote bears the time of its beginning. */
const OPEN_TRANSACTION_MS = 60_000;

/** Everything committed before this moment has left the outbox for the stream. */
export async function publishedUntil(sql: Sql): Promise<Date> {
  const [row] = await sql<{ until: Date }[]>`
    select least(now(), min(created_at)) - ${OPEN_TRANSACTION_MS} * interval '1 millisecond' as until from outbox`;
  if (row === undefined) throw new Error('the database does not know the time');
  return row.until;
}

/** Moves the position forward. `caughtUpAt` is given when nothing waits. */
export async function saveProgress(
  sql: Sql,
  name: string,
  { streamCreatedAt }: PullConsumerState,
  position: number,
  caughtUpAt: Date | undefined,
): Promise<void> {
  await sql`
    update consumers
    set position = greatest(position, ${position}), caught_up_at = greatest(caught_up_at, ${caughtUpAt ?? null})
    where name = ${name} and stream_created_at = ${streamCreatedAt}`;
}

/** From now on the consumer counts in this stream, from just before what the stream still has. */
export async function adoptStream(tx: Transaction, name: string, state: PullConsumerState): Promise<void> {
  await tx`
    update consumers
    set stream_created_at = ${state.streamCreatedAt}, position = ${Math.max(state.acknowledgedSeq, state.firstSeq - 1)}
    where name = ${name}`;
}

export async function setPaused(sql: Sql, name: string, paused: boolean): Promise<boolean> {
  const { count } = await sql`update consumers set paused = ${paused} where name = ${name}`;
  return count === 1;
}

export interface DeadLetter extends ConsumedEvent {
  readonly id: number;
  readonly consumer: string;
}

export async function addDeadLetter(
  sql: Sql,
  consumer: string,
  { subject, payload }: ConsumedEvent,
  attempts: number,
  error: string,
): Promise<void> {
  await sql`
    insert into consumer_dead_letters (consumer, subject, payload, attempts, error)
    values (${consumer}, ${subject}, ${Buffer.from(payload)}, ${attempts}, ${error})`;
}

export async function readDeadLetter(sql: Sql, id: number): Promise<DeadLetter | undefined> {
  const [row] = await sql<DeadLetter[]>`
    select id, consumer, subject, payload from consumer_dead_letters where id = ${id}`;
  return row;
}

export async function deleteDeadLetter(sql: Sql, id: number): Promise<void> {
  await sql`delete from consumer_dead_letters where id = ${id}`;
}
