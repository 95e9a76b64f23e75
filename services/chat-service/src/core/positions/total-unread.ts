/**
 * What users have not read, over all their conversations (INB-7): for sessions that open, and one statement for all that open together.
 * The conversations of a user that are looked at are bounded, and of each one unread message is enough.
 *
 * Raw SQL: many users at once.
 */
import { LIMITS, type UnreadTotals } from '@messagecore/protocol';
import { plainArray } from '../../platform/database/array-literals.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { Actor } from '../identity/caller.ts';
import { hasUnreadAt } from '../messages/unread.ts';
import { mentionsAt } from '../messages/unread-mentions.ts';

/** For each of these users, in order. */
export async function countTotals(sql: Sql, users: readonly Actor[]): Promise<readonly UnreadTotals[]> {
  if (users.length === 0) return [];
  const user = sql`place.uid`;
  return sql<UnreadTotals[]>`
    select (count(*) filter (where counted.unread))::int as conversations, coalesce(sum(counted.mentions), 0)::int as mentions
    from unnest(${plainArray(users.map(({ tid }) => tid))}::uuid[], ${plainArray(users.map(({ uid }) => uid))}::uuid[])
      with ordinality as asked (tid, uid, n)
    left join lateral (
      select ${hasUnreadAt(sql, user)} as unread, ${mentionsAt(sql, user)} as mentions
      from (
        select asked.uid, c.conversation_id as cid, c.last_seq as head, greatest(
          p.last_read_seq, c.first_seq - 1, case when c.history_since_joining then p.history_from - 1 end
        ) as pos
        from participants p join conversations c on c.conversation_id = p.conversation_id
        where p.user_id = asked.uid and c.tenant_id = asked.tid and c.deleted_at is null and p.last_read_seq < c.last_seq
        limit ${LIMITS.unreadConversations}
      ) place
    ) counted on true
    group by asked.n order by asked.n`;
}
