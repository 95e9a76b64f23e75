import type { DeadJob, Page, PageQuery } from '@messagecore/protocol/features';
import { and, desc, lt } from '../database/drizzle.ts';
import { z } from 'zod';
import type { Sql } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { millis } from '../database/expressions.ts';
import { decodeCursor, pageOf } from '../http/cursor.ts';
import { tenantOf } from './enqueue.ts';
import { jobs } from './tables.ts';

const Position = z.tuple([z.int()]);

/** Jobs that nobody tries any more, newest first. */
export async function listDead(sql: Sql, { limit, cursor }: PageQuery): Promise<Page<DeadJob>> {
  const before = decodeCursor(cursor, Position)?.[0] ?? Number.MAX_SAFE_INTEGER;
  const rows = await db(sql)
    .select({
      id: jobs.id,
      tenantId: jobs.tenantId,
      kind: jobs.kind,
      attempts: jobs.attempts,
      error: jobs.lastError,
      createdAt: millis(jobs.createdAt),
    })
    .from(jobs)
    .where(and(jobs.dead, lt(jobs.id, before)))
    .orderBy(desc(jobs.id))
    .limit(limit + 1);
  const { items, next } = pageOf(rows, limit, (last) => [last.id]);
  return { items: items.map((row) => ({ ...row, tenantId: tenantOf(row) })), next };
}
