import { UserId } from '@messagecore/protocol';
import type { Invitation, Page, PageQuery } from '@messagecore/protocol/features';
import { and, eq, gt, isNull, notExists, type SQL } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import { conversationCard } from '../../core/conversations/conversation-card.ts';
import { conversations } from '../../core/conversations/tables.ts';
import type { Actor, Reader } from '../../core/identity/caller.ts';
import { users } from '../../core/users/tables.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis, now } from '../../platform/database/expressions.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { membershipOf, opener, openers, person } from './columns.ts';
import { isOwn, newestFirst } from './own-ways.ts';
import { requireInviter } from './rights.ts';
import { invitations } from './tables.ts';

const ByUser = z.tuple([UserId]);

/** Open invitations to a conversation, by user. Throws `not_found`, `not_member`, `forbidden`. */
export async function listInvitations(
  sql: Sql,
  caller: Reader,
  cid: string,
  { limit, cursor }: PageQuery,
): Promise<Page<Invitation>> {
  await requireInviter(sql, caller, cid);
  const after = decodeCursor(cursor, ByUser)?.[0];
  const isAsked = and(
    eq(invitations.conversationId, cid),
    after === undefined ? undefined : gt(invitations.userId, after),
  );
  const rows = await select(sql, isAsked)
    .orderBy(invitations.userId)
    .limit(limit + 1);
  return pageOf(rows, limit, (last) => [last.user.userId]);
}

/** The user's own, the newest first. */
export async function listOwnInvitations(
  sql: Sql,
  user: Actor,
  { limit, cursor }: PageQuery,
): Promise<Page<Invitation>> {
  const rows = await select(sql, isOwn(invitations, user, cursor))
    .orderBy(...newestFirst(invitations))
    .limit(limit + 1);
  return pageOf(rows, limit, (last) => [last.createdAt, last.conversation.cid]);
}

/** Of those who took part meanwhile, none is shown. */
function select(sql: Sql, isAsked: SQL | undefined) {
  const { conversationId, userId, expiresAt } = invitations;
  return db(sql)
    .select({
      conversation: conversationCard,
      user: person,
      invitedBy: opener,
      message: invitations.message,
      createdAt: millis(invitations.createdAt),
      expiresAt: millis(expiresAt),
    })
    .from(invitations)
    .innerJoin(conversations, and(eq(conversations.conversationId, conversationId), isNull(conversations.deletedAt)))
    .innerJoin(users, eq(users.id, userId))
    .leftJoin(openers, eq(openers.id, invitations.invitedBy))
    .where(and(isAsked, gt(expiresAt, now()), notExists(membershipOf(sql, invitations))));
}
