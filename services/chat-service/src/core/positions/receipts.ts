/** Raw SQL: positions of two tables, counted and paged at once. */
import { ChatError, LIMITS, UserId } from '@messagecore/protocol';
import type { Person, Receipts, ReceiptsQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import type { Reader } from '../identity/caller.ts';
import { checkVisible } from '../messages/visible-message.ts';

const PageKey = z.tuple([UserId]);

/**
 * Who has read a message, or whom it has reached, by their ids. Throws `not_found`, `not_member`, and `too_large`
 * where there are more participants than are counted.
 */
export async function receiptsOf(
  sql: Sql,
  reader: Reader,
  { cid, seq }: { readonly cid: string; readonly seq: number },
  { state, limit, cursor }: ReceiptsQuery,
): Promise<Receipts> {
  await checkVisible(sql, reader, cid, seq);
  const [after] = decodeCursor(cursor, PageKey) ?? [];
  const others = sql`
    select p.user_id, p.last_read_seq >= ${seq} as read, p.last_read_seq >= ${seq} or exists (
      select from device_cursors d
      where d.conversation_id = p.conversation_id and d.user_id = p.user_id and d.acked_seq >= ${seq}
    ) as delivered
    from messages m join conversations c on c.conversation_id = m.conversation_id
    join participants p on p.conversation_id = m.conversation_id and p.user_id <> m.sender_id
      and (not c.history_since_joining or p.history_from <= ${seq})
    where m.conversation_id = ${cid} and m.seq = ${seq}`;
  const [counts] = await sql<Pick<Receipts, 'of' | 'delivered' | 'read'>[]>`
      select count(*)::int as of, count(*) filter (where delivered)::int as delivered, count(*) filter (where read)::int as read
      from (${others} limit ${LIMITS.membersCounted + 1}) o`;
  if ((counts?.of ?? 0) > LIMITS.membersCounted) {
    throw new ChatError('too_large', `more than ${LIMITS.membersCounted} participants`);
  }
  const people = await sql<Person[]>`
      select u.id as "userId", u.display_name as "displayName" from (${others}) o join users u on u.id = o.user_id
      where ${state === 'read' ? sql`o.read` : sql`o.delivered`} ${after === undefined ? sql`` : sql`and o.user_id > ${after}`}
      order by o.user_id limit ${limit + 1}`;
  return {
    cid,
    seq,
    ...{ of: 0, delivered: 0, read: 0, ...counts },
    ...pageOf(people, limit, ({ userId }) => [userId]),
  };
}
