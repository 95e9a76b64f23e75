import type { StreamState } from '@messagecore/bus';
import { STREAM } from '@messagecore/protocol/bus';
import { and, eq, sql as part } from 'drizzle-orm';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { busState } from '../outbox/tables.ts';

/** The stream as some instance last saw it. */
export interface KnownStream extends StreamState {
  /** Milliseconds ago. */
  readonly ageMs: number;
}

export async function knownStream(sql: Sql): Promise<KnownStream | undefined> {
  const { stream, createdAt, lastSeq, seenAt } = busState;
  const ageMs = part<number>`greatest(extract(epoch from clock_timestamp() - ${seenAt}) * 1000, 0)::float8`;
  const [known] = await db(sql).select({ createdAt, lastSeq, ageMs }).from(busState).where(eq(stream, STREAM));
  return known;
}

/** Notes how far the same stream has got. Instances may note in any order: the furthest counts. */
export async function noteProgress(sql: Sql, { createdAt, lastSeq }: StreamState): Promise<void> {
  await db(sql)
    .update(busState)
    .set({ lastSeq: part`greatest(${busState.lastSeq}, ${lastSeq})`, seenAt: now() })
    .where(and(eq(busState.stream, STREAM), eq(busState.createdAt, createdAt)));
}

/** From now on this is the stream. */
export async function noteStream(sql: Sql, { createdAt, lastSeq }: StreamState): Promise<void> {
  const seen = { createdAt, lastSeq, seenAt: now() };
  await db(sql)
    .insert(busState)
    .values({ stream: STREAM, ...seen })
    .onConflictDoUpdate({ target: busState.stream, set: seen });
}
