import { type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import type { Sql } from '../../platform/database/connect.ts';

/** Conversations of one user in an answer; a user who gained more lists them. */
const MOST = 100;

/** Which conversations users take part in that they did not before: one statement, answers in the order asked. Raw SQL: many users at once. */
export async function readGained(
  sql: Sql,
  items: readonly RpcItem<'gained'>[],
): Promise<readonly RpcResult<'gained'>[]> {
  const rows = await sql<{ cids: string[] }[]>`
    select array(
      select p.conversation_id
      from participants p join conversations c on c.conversation_id = p.conversation_id and c.deleted_at is null
      where p.user_id = asked.uid and p.tenant_id = asked.tid
        and p.joined_at > now() - asked.within_ms * interval '1 millisecond'
      order by p.joined_at desc limit ${MOST}
    ) as cids
    from unnest(
      ${items.map(({ tid }) => tid)}::uuid[], ${items.map(({ uid }) => uid)}::uuid[],
      ${items.map(({ withinMs }) => withinMs)}::float8[]
    ) with ordinality as asked(tid, uid, within_ms, place)
    order by asked.place`;
  return rows.map(({ cids }) => ({ cids }));
}
