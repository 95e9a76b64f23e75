/**
 * Who sees a user, for gateways, which tell those of a change who watch the user.
 *
 * Raw SQL: many users at once; participants are above users.
 */
import { type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import type { Sql } from '../../platform/database/connect.ts';

/** By the rule of `isVisible`, which users of those named see the user: one statement, answers in the order asked. */
export function readViewers(sql: Sql, items: readonly RpcItem<'viewers'>[]): Promise<RpcResult<'viewers'>[]> {
  const named = items.flatMap(({ users }, index) => users.map((uid) => ({ uid, place: index + 1 })));
  return sql<RpcResult<'viewers'>[]>`
    select coalesce(array_agg(reader.id) filter (where reader.role <> 'guest'), '{}') as users,
      coalesce(array_agg(reader.id) filter (where reader.role = 'guest' and (reader.id = asked.uid or exists (
        select from participants own join participants other using (conversation_id)
        where own.user_id = reader.id and other.user_id = asked.uid
      ))), '{}') as guests
    from unnest(${items.map(({ tid }) => tid)}::uuid[], ${items.map(({ uid }) => uid)}::uuid[])
      with ordinality as asked(tid, uid, place)
    left join unnest(${named.map(({ uid }) => uid)}::uuid[], ${named.map(({ place }) => place)}::int[])
      as named(uid, place) on named.place = asked.place
    left join users reader on reader.id = named.uid and reader.tenant_id = asked.tid
    group by asked.place order by asked.place`;
}
