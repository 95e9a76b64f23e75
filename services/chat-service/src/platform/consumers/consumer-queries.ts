import { type Bus, consumerLag } from '@messagecore/bus';
import type { Consumer, DeadLetter, Page, PageQuery } from '@messagecore/protocol/features';
import { desc, eq, lt, sql as part } from '../database/drizzle.ts';
import { z } from 'zod';
import type { Sql } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { millis } from '../database/expressions.ts';
import { decodeCursor, pageOf } from '../http/cursor.ts';
import type { ConsumerKind } from './consumer.ts';
import { consumerDeadLetters, consumers } from './tables.ts';

/** Every consumer of this version, with what PostgreSQL and the stream say of it. */
export async function listConsumers(
  sql: Sql,
  bus: Pick<Bus, 'request'>,
  kinds: readonly ConsumerKind[],
): Promise<Consumer[]> {
  const rows = await db(sql)
    .select({
      name: consumers.name,
      paused: consumers.paused,
      caughtUpAt: millis(consumers.caughtUpAt),
      deadLetters: db(sql).$count(consumerDeadLetters, eq(consumerDeadLetters.consumer, consumers.name)),
    })
    .from(consumers);
  const known = new Map(rows.map((row) => [row.name, row]));
  return Promise.all(
    kinds.map(async ({ name }) => {
      const { paused = false, caughtUpAt = 0, deadLetters = 0 } = known.get(name) ?? {};
      // Without the bus everything else is still worth knowing.
      const lag = await consumerLag(bus, name).catch(() => undefined);
      return { name, paused, lag: lag ?? null, caughtUpAt: caughtUpAt > 0 ? caughtUpAt : null, deadLetters };
    }),
  );
}

const Position = z.tuple([z.int()]);

export async function listDeadLetters(sql: Sql, { limit, cursor }: PageQuery): Promise<Page<DeadLetter>> {
  const before = decodeCursor(cursor, Position)?.[0] ?? Number.MAX_SAFE_INTEGER;
  const { id, consumer, subject, payload, attempts, error, at } = consumerDeadLetters;
  const bytes = part<number>`octet_length(${payload})`;
  const rows = await db(sql)
    .select({ id, consumer, subject, bytes, attempts, error, at: millis(at) })
    .from(consumerDeadLetters)
    .where(lt(id, before))
    .orderBy(desc(id))
    .limit(limit + 1);
  return pageOf(rows, limit, (last) => [last.id]);
}
