import { Emoji, Millis, UserId } from '@messagecore/protocol';
import type { Page, Reaction, ReactionsQuery } from '@messagecore/protocol/features';
import { and, eq, sql as part } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis, momentOf } from '../../platform/database/expressions.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import type { Reader } from '../identity/caller.ts';
import { users } from '../users/tables.ts';
import { reactions } from './tables.ts';
import { checkVisible } from './visible-message.ts';

const PageKey = z.tuple([Millis, UserId, Emoji]);

/** Who has reacted to a message, the first ones first. Throws `not_found`, `not_member`. */
export async function reactionsPage(
  sql: Sql,
  reader: Reader,
  { cid, seq }: { readonly cid: string; readonly seq: number },
  { emoji, limit, cursor }: ReactionsQuery,
): Promise<Page<Reaction>> {
  await checkVisible(sql, reader, cid, seq);
  const { conversationId, userId, createdAt } = reactions;
  const after = decodeCursor(cursor, PageKey);
  const rows = await db(sql)
    .select({
      user: { userId: users.id, displayName: users.displayName },
      emoji: reactions.emoji,
      at: millis(createdAt),
    })
    .from(reactions)
    .innerJoin(users, eq(users.id, userId))
    .where(
      and(
        ...[eq(conversationId, cid), eq(reactions.seq, seq)],
        emoji === undefined ? undefined : eq(reactions.emoji, emoji),
        after &&
          part`(${createdAt}, ${userId}, ${reactions.emoji}) > (${momentOf(after[0])}, ${after[1]}::uuid, ${after[2]})`,
      ),
    )
    .orderBy(createdAt, userId, reactions.emoji)
    .limit(limit + 1);
  return pageOf(rows, limit, (last) => [last.at, last.user.userId, last.emoji]);
}
