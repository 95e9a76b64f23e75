/** The statements of consumers. */
import type { PullConsumerState } from '@messagecore/bus';
import { and, eq, sql as part } from '../database/drizzle.ts';
import type { Sql, Transaction } from '../database/connect.ts';
import { db } from '../database/db.ts';
import type { ConsumedEvent } from './consumer.ts';
import { consumerDeadLetters, consumers } from './tables.ts';

export type ConsumerRow = Readonly<typeof consumers.$inferSelect>;

/** What a consumer that nobody has seen before starts with: all of the past is to be reconciled. */
export async function addConsumer(sql: Sql, name: string): Promise<void> {
  const unseen = { streamCreatedAt: '', position: 0, caughtUpAt: new Date(0) };
  await db(sql)
    .insert(consumers)
    .values({ name, ...unseen })
    .onConflictDoNothing({ target: consumers.name });
}

export async function readConsumer(sql: Sql | Transaction, name: string, lock = false): Promise<ConsumerRow> {
  const query = db(sql).select().from(consumers).where(eq(consumers.name, name));
  const [row] = await (lock ? query.for('update') : query);
  if (row === undefined) throw new Error(`no consumer ${name}`);
  return row;
}

/** Longer than any transaction that writes to the outbox is open: what it wrote bears the time of its beginning. */
const OPEN_TRANSACTION_MS = 60_000;

/** Everything committed before this moment has left the outbox for the stream. Raw SQL: the outbox is described above. */
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
  await db(sql)
    .update(consumers)
    .set({
      position: part`greatest(${consumers.position}, ${position})`,
      caughtUpAt: caughtUpAt && part`greatest(${consumers.caughtUpAt}, ${caughtUpAt.toISOString()})`,
    })
    .where(and(eq(consumers.name, name), eq(consumers.streamCreatedAt, streamCreatedAt)));
}

/** From now on the consumer counts in this stream, from just before what the stream still has. */
export async function adoptStream(tx: Transaction, name: string, state: PullConsumerState): Promise<void> {
  const position = Math.max(state.acknowledgedSeq, state.firstSeq - 1);
  await db(tx)
    .update(consumers)
    .set({ streamCreatedAt: state.streamCreatedAt, position })
    .where(eq(consumers.name, name));
}

export async function setPaused(sql: Sql, name: string, paused: boolean): Promise<boolean> {
  const { count } = await db(sql).update(consumers).set({ paused }).where(eq(consumers.name, name));
  return count === 1;
}

type DeadLetter = Readonly<typeof consumerDeadLetters.$inferSelect>;

export async function addDeadLetter(
  sql: Sql,
  consumer: string,
  { subject, payload }: ConsumedEvent,
  attempts: number,
  error: string,
): Promise<void> {
  await db(sql).insert(consumerDeadLetters).values({ consumer, subject, payload, attempts, error });
}

export async function readDeadLetter(sql: Sql, id: number): Promise<DeadLetter | undefined> {
  const [row] = await db(sql).select().from(consumerDeadLetters).where(eq(consumerDeadLetters.id, id));
  return row;
}

export async function deleteDeadLetter(sql: Sql, id: number): Promise<void> {
  await db(sql).delete(consumerDeadLetters).where(eq(consumerDeadLetters.id, id));
}
