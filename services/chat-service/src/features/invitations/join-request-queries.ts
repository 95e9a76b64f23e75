import { ChatError, Millis, UserId } from '@messagecore/protocol';
import type { JoinRequest, Page, PageQuery } from '@messagecore/protocol/features';
import { and, eq, gt, isNull, notExists, type SQL, sql as part } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import { conversations } from '../../core/conversations/tables.ts';
import type { Actor, Reader } from '../../core/identity/caller.ts';
import { users } from '../../core/users/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis, momentOf, now } from '../../platform/database/expressions.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { membershipOf, person } from './columns.ts';
import { isOwn, newestFirst } from './own-ways.ts';
import { requireAdmin } from './rights.ts';
import { isRequest } from './settle-open.ts';
import { joinRequests } from './tables.ts';

const OldestFirst = z.tuple([Millis, UserId]);

/** Open requests for a conversation, the oldest first. Throws `not_found`, `not_member`, `forbidden`. */
export async function listJoinRequests(
  sql: Sql,
  caller: Reader,
  cid: string,
  { limit, cursor }: PageQuery,
): Promise<Page<JoinRequest>> {
  await requireAdmin(sql, caller, cid);
  const { conversationId, createdAt, userId } = joinRequests;
  const after = decodeCursor(cursor, OldestFirst);
  const isAsked = and(
    eq(conversationId, cid),
    after && part`(${createdAt}, ${userId}) > (${momentOf(after[0])}, ${after[1]}::uuid)`,
  );
  const rows = await select(sql, isAsked)
    .orderBy(createdAt, userId)
    .limit(limit + 1);
  return pageOf(rows, limit, (last) => [last.createdAt, last.user.userId]);
}

/** The user's own, the newest first. */
export async function listOwnJoinRequests(
  sql: Sql,
  user: Actor,
  { limit, cursor }: PageQuery,
): Promise<Page<JoinRequest>> {
  const rows = await select(sql, isOwn(joinRequests, user, cursor))
    .orderBy(...newestFirst(joinRequests))
    .limit(limit + 1);
  return pageOf(rows, limit, (last) => [last.createdAt, last.cid]);
}

/** Throws `not_found`. */
export async function getRequest(tx: Transaction, cid: string, uid: string): Promise<JoinRequest> {
  const [request] = await select(tx, isRequest(cid, uid));
  if (request === undefined) throw new ChatError('not_found', 'no such request');
  return request;
}

/** Of those who took part meanwhile, none is shown. */
function select(sql: Sql | Transaction, isAsked: SQL | undefined) {
  const { conversationId, userId, message, createdAt, expiresAt } = joinRequests;
  return db(sql)
    .select({
      ...{ cid: conversationId, user: person, message },
      ...{ createdAt: millis(createdAt), expiresAt: millis(expiresAt) },
    })
    .from(joinRequests)
    .innerJoin(conversations, and(eq(conversations.conversationId, conversationId), isNull(conversations.deletedAt)))
    .innerJoin(users, eq(users.id, userId))
    .where(and(isAsked, gt(expiresAt, now()), notExists(membershipOf(sql, joinRequests))));
}
