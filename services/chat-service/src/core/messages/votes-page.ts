import { ChatError, Millis, type PollBody, PollOptionId, UserId } from '@messagecore/protocol';
import type { OwnVote, Page, PollVote, VotesQuery } from '@messagecore/protocol/features';
import { and, eq, sql as part } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis, momentOf } from '../../platform/database/expressions.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import type { Actor, Reader } from '../identity/caller.ts';
import { users } from '../users/tables.ts';
import { messages, pollVotes } from './tables.ts';
import { checkVisible } from './visible-message.ts';

const PageKey = z.tuple([Millis, UserId, PollOptionId]);

interface Poll {
  readonly cid: string;
  readonly seq: number;
}

/** Who has voted for what, the first ones first. Throws `not_found`, `not_member`; `forbidden` of an anonymous poll, to everybody. */
export async function votesPage(
  sql: Sql,
  reader: Reader,
  { cid, seq }: Poll,
  { option, limit, cursor }: VotesQuery,
): Promise<Page<PollVote>> {
  await checkVisible(sql, reader, cid, seq);
  if (await isAnonymous(sql, cid, seq)) throw new ChatError('forbidden', 'the poll is anonymous');
  const { conversationId, userId, createdAt } = pollVotes;
  const after = decodeCursor(cursor, PageKey);
  const rows = await db(sql)
    .select({
      user: { userId: users.id, displayName: users.displayName },
      option: pollVotes.option,
      at: millis(createdAt),
    })
    .from(pollVotes)
    .innerJoin(users, eq(users.id, userId))
    .where(
      and(
        ...[eq(conversationId, cid), eq(pollVotes.seq, seq)],
        option === undefined ? undefined : eq(pollVotes.option, option),
        after &&
          part`(${createdAt}, ${userId}, ${pollVotes.option}) > (${momentOf(after[0])}, ${after[1]}::uuid, ${after[2]})`,
      ),
    )
    .orderBy(createdAt, userId, pollVotes.option)
    .limit(limit + 1);
  return pageOf(rows, limit, (last) => [last.at, last.user.userId, last.option]);
}

/** The body is read here, since PostgreSQL takes no JSON apart that has NUL or half a surrogate pair. */
async function isAnonymous(sql: Sql, cid: string, seq: number): Promise<boolean> {
  const [row] = await db(sql)
    .select({ body: part<string>`${messages.body}::text` })
    .from(messages)
    .where(and(eq(messages.conversationId, cid), eq(messages.seq, seq), eq(messages.kind, 'poll')));
  return row !== undefined && (JSON.parse(row.body) as PollBody).anonymous === true;
}

/** What the user has voted for, of an anonymous poll too. Throws `not_found`, `not_member`. */
export async function ownVote(sql: Sql, user: Actor, { cid, seq }: Poll): Promise<OwnVote> {
  await checkVisible(sql, user, cid, seq);
  const rows = await db(sql)
    .select({ option: pollVotes.option })
    .from(pollVotes)
    .where(and(eq(pollVotes.conversationId, cid), eq(pollVotes.seq, seq), eq(pollVotes.userId, user.uid)))
    .orderBy(pollVotes.option);
  return { options: rows.map(({ option }) => option) };
}
