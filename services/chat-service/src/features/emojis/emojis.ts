import { ChatError, LIMITS } from '@messagecore/protocol';
import type { CustomEmoji, Page, PageQuery } from '@messagecore/protocol/features';
import { and, eq, gt } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { commitWithEvents, type PublishEvents } from '../../core/outbox/emit.ts';
import { listEvent } from '../../core/outbox/events.ts';
import { lockTenant } from '../../core/tenants/lock-tenant.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { customEmojis } from './tables.ts';

const PageKey = z.tuple([z.string()]);
const { tenantId, name, image } = customEmojis;
const isIt = (tid: string, of: string) => and(eq(tenantId, tid), eq(name, of));

export async function listEmojis(sql: Sql, { tid }: Reader, { limit, cursor }: PageQuery): Promise<Page<CustomEmoji>> {
  const after = decodeCursor(cursor, PageKey);
  const rows = await db(sql)
    .select({ name, image })
    .from(customEmojis)
    .where(and(eq(tenantId, tid), after && gt(name, after[0])))
    .orderBy(name)
    .limit(limit + 1);
  return pageOf(rows, limit, (last) => [last.name]);
}

export interface EmojiDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
}

/** Throws `too_large` when the tenant has as many as it may. */
export function putEmoji({ sql, publishEvents }: EmojiDeps, by: Reader, emoji: CustomEmoji): Promise<CustomEmoji> {
  const { tid } = by;
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    // Of two at the same time, the second counts the first.
    await lockTenant(tx, tid);
    const [before] = await db(tx).select({ image }).from(customEmojis).where(isIt(tid, emoji.name));
    if (before === undefined && (await db(tx).$count(customEmojis, eq(tenantId, tid))) >= LIMITS.emojisPerTenant) {
      throw new ChatError('too_large', `more than ${LIMITS.emojisPerTenant} emojis`);
    }
    const after = { image: emoji.image };
    await db(tx)
      .insert(customEmojis)
      .values({ tenantId: tid, ...emoji })
      .onConflictDoUpdate({ target: [tenantId, name], set: after });
    if (before?.image !== emoji.image) await emit(listEvent(tid, 'emojis'));
    await auditCaller(tx, by, { action: 'put_emoji', target: `emoji:${emoji.name}`, before, after });
    return emoji;
  });
}

/** Doing it again changes nothing. */
export function deleteEmoji({ sql, publishEvents }: EmojiDeps, by: Reader, of: string): Promise<void> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const [before] = await db(tx).delete(customEmojis).where(isIt(by.tid, of)).returning({ image });
    if (before === undefined) return;
    await emit(listEvent(by.tid, 'emojis'));
    await auditCaller(tx, by, { action: 'delete_emoji', target: `emoji:${of}`, before });
  });
}
