import type { DeadJob, Page, PageQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../database/connect.ts';
import { decodeCursor, encodeCursor } from '../http/cursor.ts';
import { PLATFORM_TENANT } from './enqueue.ts';

const Position = z.tuple([z.int()]);

/** Jobs that nobody tries any more, newest first. */
export async function listDead(sql: Sql, { limit, cursor }: PageQuery): Promise<Page<DeadJob>> {
  const before = decodeCursor(cursor, Position)?.[0] ?? Number.MAX_SAFE_INTEGER;
  const rows = await sql<DeadJob[]>`
    select id, nullif(tenant_id, ${PLATFORM_TENANT}) as "tenantId", kind, attempts, last_error as error,
      (extract(epoch from created_at) * 1000)::float8 as "createdAt"
    from jobs where dead and id < ${before} order by id desc limit ${limit + 1}`;
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? encodeCursor([last.id]) : null };
}
