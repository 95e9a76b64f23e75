/** Raw SQL: users who are missing in a channel, in the order of an index. */
import type { Sql } from '../../platform/database/connect.ts';

/** Before every user. */
export const FIRST = '00000000-0000-0000-0000-000000000000';

/** Whoever of these users is to be added: no guests and bots, nobody who takes part, is banned or deactivated. */
export async function findNewcomers(
  sql: Sql,
  { tid, cid, from, to, limit }: { tid: string; cid: string; from: string; to?: string; limit: number },
): Promise<string[]> {
  const rows = await sql<{ uid: string }[]>`
    select u.id as uid from users u
    where u.tenant_id = ${tid} and u.id >= ${from} ${to === undefined ? sql`` : sql`and u.id <= ${to}`}
      and u.status = 'active' and u.role not in ('guest', 'bot')
      and not exists (select from participants p where p.conversation_id = ${cid} and p.user_id = u.id)
      and not exists (
        select from conversation_bans b
        where b.conversation_id = ${cid} and b.user_id = u.id and (b.until is null or b.until > now())
      )
    order by u.id limit ${limit}`;
  return rows.map(({ uid }) => uid);
}
