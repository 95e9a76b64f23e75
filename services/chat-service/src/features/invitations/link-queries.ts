import { ChatError } from '@messagecore/protocol';
import type { InvitationLink, Page, PageQuery } from '@messagecore/protocol/features';
import { and, eq, gt, type SQL } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import type { Reader } from '../../core/identity/caller.ts';
import { may } from '../../core/permissions/permissions.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis, now } from '../../platform/database/expressions.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { opener, openers } from './columns.ts';
import { requireInviter } from './rights.ts';
import { invitationLinks } from './tables.ts';

const ById = z.tuple([z.uuid()]);

/** Links of the conversation by id: all of them for admins, for others their own. Throws `not_found`, `not_member`, `forbidden`. */
export async function listLinks(
  sql: Sql,
  caller: Reader,
  cid: string,
  { limit, cursor }: PageQuery,
): Promise<Page<InvitationLink>> {
  const situation = await requireInviter(sql, caller, cid);
  const after = decodeCursor(cursor, ById)?.[0];
  const isAsked = and(
    eq(invitationLinks.conversationId, cid),
    after === undefined ? undefined : gt(invitationLinks.id, after),
    caller.uid === undefined || may('admit', situation) ? undefined : eq(invitationLinks.createdBy, caller.uid),
  );
  const rows = await select(sql, isAsked)
    .orderBy(invitationLinks.id)
    .limit(limit + 1);
  return pageOf(rows, limit, (last) => [last.linkId]);
}

/** Throws `not_found`. */
export async function getLink(tx: Transaction, cid: string, linkId: string): Promise<InvitationLink> {
  const { conversationId, id } = invitationLinks;
  const [link] = await select(tx, and(eq(conversationId, cid), eq(id, linkId)));
  if (link === undefined) throw new ChatError('not_found', 'no such link');
  return link;
}

function select(sql: Sql | Transaction, isAsked: SQL | undefined) {
  const { id, conversationId, createdBy, createdAt, expiresAt, maxUses, uses } = invitationLinks;
  const columns = { linkId: id, cid: conversationId, maxUses, uses };
  return db(sql)
    .select({ ...columns, createdBy: opener, createdAt: millis(createdAt), expiresAt: millis(expiresAt) })
    .from(invitationLinks)
    .leftJoin(openers, eq(openers.id, createdBy))
    .where(and(isAsked, gt(expiresAt, now())));
}
