import { type Bus, consumerLag } from '@messagecore/bus';
import type { Consumer, DeadLetter, Page, PageQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../database/connect.ts';
import { decodeCursor, encodeCursor } from '../http/cursor.ts';
import type { ConsumerKind } from './consumer.ts';

interface ConsumerState {
  readonly name: string;
  readonly paused: boolean;
  readonly caughtUpAt: number;
  readonly deadLetters: number;
}

/** Every consumer of this version, with what PostgreSQL and the stream say of it. */
export async function listConsumers(
  sql: Sql,
  bus: Pick<Bus, 'request'>,
  kinds: readonly ConsumerKind[],
): Promise<Consumer[]> {
  const rows = await sql<ConsumerState[]>`
    select name, paused, (extract(epoch from caught_up_at) * 1000)::float8 as "caughtUpAt",
      (select count(*) from consumer_dead_letters where consumer = name) as "deadLetters"
    from consumers`;
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
  const rows = await sql<DeadLetter[]>`
    select id, consumer, subject, octet_length(payload) as bytes, attempts, error,
      (extract(epoch from at) * 1000)::float8 as at
    from consumer_dead_letters where id < ${before} order by id desc limit ${limit + 1}`;
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? encodeCursor([last.id]) : null };
}
