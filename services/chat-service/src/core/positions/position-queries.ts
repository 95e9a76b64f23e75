/**
 * Heads of conversations and who may receive them, for gateways, which ask in batches. A batch is one statement,
 * whatever its size; answers are in the order of the items.
 *
 * Raw SQL: every join goes through it; many at once. `limit 1` keeps the search for one participant to that row: the planner takes
 * conversations to be small, and would else read all participants of a large one.
 */
import { ChatError, LIMITS } from '@messagecore/protocol';
import { type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { refusalOfReading } from '../permissions/permissions.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { isMuted, mutedUntilMs } from '../conversations/mute.ts';
import { firstHeard, mayListen } from '../messages/listeners.ts';

interface Heads {
  readonly head: number;
  readonly rev: number;
  readonly epoch: number;
  readonly first: number;
  readonly access: number;
}

interface JoinRow extends Heads {
  readonly found: boolean;
  readonly member: boolean;
  /** Does not take part, and may listen. */
  readonly listener: boolean;
  readonly reads: Record<string, number> | null;
  /** Null where the conversation shows everything. */
  readonly from: number | null;
  readonly mutedUntil: number | null;
}

/**
 * The heads for participants, with the end of a mute in milliseconds (the largest date for a mute without end), and for
 * those who may listen; `not_found` or `not_member` for others.
 */
export async function readJoins(
  sql: Sql,
  items: readonly RpcItem<'join'>[],
): Promise<readonly (RpcResult<'join'> | ChatError)[]> {
  const rows = await sql<JoinRow[]>`
    with asked as (
      select * from unnest(
        ${items.map(({ tid }) => tid)}::uuid[],
        ${items.map(({ uid }) => uid)}::uuid[],
        ${items.map(({ cid }) => cid)}::uuid[]
      ) with ordinality as asked(tid, uid, cid, place)
    ), rooms as (
      select c.*, small.reads
      from (select distinct cid from asked) named
      join conversations c on c.conversation_id = named.cid and c.deleted_at is null
      cross join lateral (
        select case when count(*) <= ${LIMITS.readsInJoined} then json_object_agg(p.user_id, p.last_read_seq) end as reads
        from (
          select user_id, last_read_seq from participants
          where conversation_id = named.cid limit ${LIMITS.readsInJoined + 1}
        ) p
      ) small
    )
    select c.last_seq as head, c.last_rev as rev, c.epoch, c.first_seq as first, c.access_rev as access,
      case when p.user_id is not null then c.reads end as reads,
      c.conversation_id is not null as found, p.user_id is not null as member,
      coalesce(p.user_id is null and ${mayListen(sql, sql`asked.uid`)}, false) as listener,
      case when c.history_since_joining then coalesce(p.history_from, ${firstHeard(sql)}) end as "from",
      case when ${isMuted(sql)} then ${mutedUntilMs(sql)} end as "mutedUntil"
    from asked
    left join rooms c on c.conversation_id = asked.cid and c.tenant_id = asked.tid
    left join lateral (
      select * from participants where conversation_id = c.conversation_id and user_id = asked.uid limit 1
    ) p on true
    order by asked.place`;
  return rows.map(({ found, member, listener, reads, from, mutedUntil, ...row }) => {
    if (!found) return new ChatError('not_found', 'no such conversation');
    const refusal = refusalOfReading(member || listener);
    if (refusal !== undefined) return refusal;
    const later = from !== null && from > row.first;
    return {
      ...place(row),
      ...(later && { from }),
      ...(reads !== null && { reads }),
      ...(mutedUntil !== null && { mutedUntil }),
      ...(listener && { listener }),
    };
  });
}

/** Heads of rooms that a gateway holds; `not_found` when a conversation is gone. */
export async function readHeads(
  sql: Sql,
  items: readonly RpcItem<'heads'>[],
): Promise<readonly (RpcResult<'heads'> | ChatError)[]> {
  const rows = await sql<(Heads & { found: boolean })[]>`
    select c.conversation_id is not null as found, c.last_seq as head, c.last_rev as rev, c.epoch,
           c.first_seq as first, c.access_rev as access
    from unnest(${items.map(({ tid }) => tid)}::uuid[], ${items.map(({ cid }) => cid)}::uuid[])
      with ordinality as asked(tid, cid, place)
    left join conversations c on c.conversation_id = asked.cid and c.tenant_id = asked.tid and c.deleted_at is null
    order by asked.place`;
  return rows.map(({ found, ...row }) => (found ? place(row) : new ChatError('not_found', 'no such conversation')));
}

/** Which of the users named take part now, or may listen. */
export async function readMembers(
  sql: Sql,
  items: readonly RpcItem<'members'>[],
): Promise<readonly (RpcResult<'members'> | ChatError)[]> {
  const named = items.flatMap(({ users }, index) => users.map((user) => ({ user, place: index + 1 })));
  interface Row {
    readonly access: number | null;
    readonly users: string[];
    readonly listeners: string[] | null;
    readonly muted: Record<string, number> | null;
  }
  const rows = await sql<Row[]>`
    select c.access_rev as access, coalesce(array_agg(named.uid) filter (where p.user_id is not null), '{}') as users,
      array_agg(named.uid) filter (where p.user_id is null and ${mayListen(sql, sql`named.uid`)}) as listeners,
      json_object_agg(p.user_id, ${mutedUntilMs(sql)}) filter (where ${isMuted(sql)}) as muted
    from unnest(${items.map(({ tid }) => tid)}::uuid[], ${items.map(({ cid }) => cid)}::uuid[])
      with ordinality as asked(tid, cid, place)
    left join conversations c on c.conversation_id = asked.cid and c.tenant_id = asked.tid and c.deleted_at is null
    left join unnest(${named.map(({ user }) => user)}::uuid[], ${named.map(({ place }) => place)}::int[])
      as named(uid, place) on named.place = asked.place
    left join participants p on p.conversation_id = c.conversation_id and p.user_id = named.uid
    group by asked.place, c.access_rev
    order by asked.place`;
  return rows.map(({ access, users, listeners, muted }) => {
    if (access === null) return new ChatError('not_found', 'no such conversation');
    const listening = listeners !== null && { users: [...users, ...listeners], listeners };
    return { access, users, ...listening, ...(muted !== null && { muted }) };
  });
}

function place({ head, rev, epoch, first, access }: Heads): Heads {
  return { head, rev, epoch, first, access };
}
