/** Raw SQL: two looks into an index for each conversation that has something new. */
import type { UnreadMentions } from '@messagecore/protocol/features';
import type { Actor } from '../../core/identity/caller.ts';
import { mentionsAt } from '../../core/messages/unread-mentions.ts';
import type { Sql } from '../../platform/database/connect.ts';

/** Of all conversations in which the user takes part, as each of them counts. */
export async function countUnreadMentions(sql: Sql, { tid, uid }: Actor): Promise<UnreadMentions> {
  const [row] = await sql<UnreadMentions[]>`
    select coalesce(sum(mentions), 0)::int as mentions, (count(*) filter (where mentions > 0))::int as conversations
    from (
      select ${mentionsAt(sql, sql`${uid}::uuid`)} as mentions from (
        select c.conversation_id, c.last_seq, greatest(
          p.last_read_seq, c.first_seq - 1, case when c.history_since_joining then p.history_from - 1 end
        )
        from participants p join conversations c on c.conversation_id = p.conversation_id
        where p.user_id = ${uid} and c.tenant_id = ${tid} and c.deleted_at is null and p.last_read_seq < c.last_seq
      ) place (cid, head, pos)
    ) counted`;
  return row ?? { mentions: 0, conversations: 0 };
}
