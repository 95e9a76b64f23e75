import { LIMITS, UserId } from '@messagecore/protocol';
import type { OnlinePage, OnlineQuery } from '@messagecore/protocol/features';
import { and, eq, gt } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import { readSituation } from '../../core/conversations/conversation-queries.ts';
import { participants } from '../../core/conversations/tables.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { checkMay } from '../../core/permissions/permissions.ts';
import { db } from '../../platform/database/db.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import type { PresenceStore } from '../../platform/presence/presence-store.ts';
import { readShown, type ShownDeps } from './shown.ts';

export interface ListOnlineDeps extends ShownDeps {
  readonly store: PresenceStore;
}

const PageKey = z.tuple([UserId]);

/** Users of the tenant who are there, by id. `count` is of all who have a session, whatever they show. */
export async function listOnline(
  deps: ListOnlineDeps,
  { tid, uid }: Reader,
  { limit, cursor }: OnlineQuery,
): Promise<OnlinePage> {
  const after = decodeCursor(cursor, PageKey)?.[0];
  const { users, count } = await deps.store.page(tid, after, limit + 1);
  const [shown = []] = await readShown(deps, [{ tid, uid, users: users.slice(0, limit) }]);
  const last = users.length > limit ? users[limit - 1] : undefined;
  return {
    items: shown.filter(({ state }) => state !== 'offline'),
    next: last === undefined ? null : encodeCursor([last]),
    count,
  };
}

/**
 * Participants who are there, by id. So many are looked at for a page; there is a `count` where those are all. Throws `not_found`,
 * `not_member`.
 */
export async function listOnlineParticipants(
  deps: ListOnlineDeps,
  reader: Reader,
  cid: string,
  { limit, cursor }: OnlineQuery,
): Promise<OnlinePage> {
  const { sql, store } = deps;
  const { tid, uid } = reader;
  checkMay('see', await readSituation(sql, reader, cid));
  const after = decodeCursor(cursor, PageKey)?.[0];
  const { conversationId, tenantId, userId } = participants;
  const isBehind = after === undefined ? undefined : gt(userId, after);
  const rows = await db(sql)
    .select({ userId })
    .from(participants)
    .where(and(eq(conversationId, cid), eq(tenantId, tid), isBehind))
    .orderBy(userId)
    .limit(LIMITS.presenceParticipants + 1);
  const looked = rows.slice(0, LIMITS.presenceParticipants).map((row) => row.userId);
  const users = await store.onlineAmong(tid, looked);
  const [shown = []] = await readShown(deps, [{ tid, uid, users }]);
  const online = shown.filter(({ state }) => state !== 'offline');
  const items = online.slice(0, limit);
  const isAll = rows.length === looked.length;
  const last = online.length > limit ? items.at(-1)?.userId : isAll ? undefined : looked.at(-1);
  return {
    items,
    next: last === undefined ? null : encodeCursor([last]),
    count: isAll && after === undefined ? online.length : null,
  };
}
