/**
 * How far users have read and devices have received. A position only moves forward and never beyond the head. A batch is
 * one statement, which locks rows in the order of their keys, so that batches of several instances cannot wait for each
 * other in a circle. A report that moves nothing locks no row, since a lock is a write too. Both reject as a whole when the
 * database does; reports may be repeated at will.
 *
 * Raw SQL: every read receipt goes through it; many at once, locked in order.
 */
import { ChatError } from '@messagecore/protocol';
import { type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { plainArray, textArray } from '../../platform/database/array-literals.ts';
import { refusalOfReading } from '../permissions/permissions.ts';
import { unreadAt } from '../messages/unread.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { classifyFailure } from '../../platform/database/batch-failure.ts';

/** A read position that moved, to be published to the room. */
export interface ReadMove {
  readonly tid: string;
  readonly cid: string;
  readonly userId: string;
  readonly pos: number;
}

interface MembershipRow {
  readonly found: boolean;
  readonly member: boolean;
}

/** Undefined for somebody who takes part. */
function refusal({ found, member }: MembershipRow): ChatError | undefined {
  if (!found) return new ChatError('not_found', 'no such conversation');
  return refusalOfReading(member);
}

interface ReadRow extends MembershipRow {
  readonly pos: number;
  readonly unread: number;
  readonly moved: boolean;
}

/** Stores read positions and tells `onMoves` of those that moved, after they are stored. */
export async function moveReads(
  { sql, onMoves }: { readonly sql: Sql; readonly onMoves: (moves: readonly ReadMove[]) => void },
  items: readonly RpcItem<'read'>[],
): Promise<readonly (RpcResult<'read'> | ChatError)[]> {
  const rows = await storeWithRetry(() => storeReads(sql, items));
  onMoves(
    items.flatMap(({ tid, cid, uid: userId }, n) => (rows[n]?.moved ? [{ tid, cid, userId, pos: rows[n].pos }] : [])),
  );
  return rows.map((row) => refusal(row) ?? { pos: row.pos, unread: row.unread });
}

/**
 * Retries once when one row may have failed the statement: a participant was removed meanwhile, or a lock timed out.
 */
async function storeWithRetry<T>(store: () => Promise<T>): Promise<T> {
  try {
    return await store();
  } catch (error) {
    if (!classifyFailure(error).mayBeOfOneItem) throw error;
    return store();
  }
}

async function storeReads(sql: Sql, items: readonly RpcItem<'read'>[]): Promise<readonly ReadRow[]> {
  return sql<ReadRow[]>`
    with item as materialized (
      select * from unnest(
        ${plainArray(items.map(({ tid }) => tid))}::uuid[], ${plainArray(items.map(({ cid }) => cid))}::uuid[],
        ${plainArray(items.map(({ uid }) => uid))}::uuid[], ${plainArray(items.map(({ pos }) => pos))}::bigint[]
      ) with ordinality as i (tenant_id, conversation_id, user_id, pos, n)
    ),
    furthest as materialized (
      select tenant_id, conversation_id, user_id, c.last_seq as head, c.first_seq as first, c.history_since_joining,
        least(max(i.pos), c.last_seq) as pos, (array_agg(i.n order by i.pos desc, i.n))[1] as n
      from item i join conversations c using (tenant_id, conversation_id)
      where c.deleted_at is null
      group by tenant_id, conversation_id, user_id, c.last_seq, c.first_seq, c.history_since_joining
    ),
    held as materialized (
      select conversation_id, user_id, p.last_read_seq, f.pos, f.n, f.head,
        greatest(f.first, case when f.history_since_joining then p.history_from end) as first
      from participants p join furthest f using (conversation_id, user_id)
    ),
    behind as materialized (
      select conversation_id, user_id, f.pos, f.n
      from participants p join furthest f using (conversation_id, user_id)
      where p.last_read_seq < f.pos
      order by conversation_id, user_id
      for no key update of p
    ),
    moved as (
      update participants p set last_read_seq = b.pos from behind b
      where p.conversation_id = b.conversation_id and p.user_id = b.user_id
      returning b.n
    )
    select f.n is not null as found, h.n is not null as member, moved.n is not null as moved,
      greatest(h.last_read_seq, h.pos) as pos, counted.unread
    from item i
    left join furthest f using (tenant_id, conversation_id, user_id)
    left join held h using (conversation_id, user_id)
    left join moved on moved.n = i.n
    left join lateral (
      select ${unreadAt(sql, sql`h.user_id`)} as unread
      from (select h.conversation_id, greatest(h.last_read_seq, h.pos, h.first - 1), h.head) as place (cid, pos, head)
      where h.n is not null
    ) counted on true
    order by i.n`;
}

/** Stores what devices have received. */
export async function moveDelivered(
  sql: Sql,
  items: readonly RpcItem<'ack'>[],
): Promise<readonly (RpcResult<'ack'> | ChatError)[]> {
  return storeWithRetry(() => storeDelivered(sql, items));
}

async function storeDelivered(sql: Sql, items: readonly RpcItem<'ack'>[]) {
  const rows = await sql<(MembershipRow & { pos: number })[]>`
    with item as materialized (
      select * from unnest(
        ${plainArray(items.map(({ tid }) => tid))}::uuid[], ${plainArray(items.map(({ cid }) => cid))}::uuid[],
        ${plainArray(items.map(({ uid }) => uid))}::uuid[], ${textArray(items.map(({ clientId }) => clientId))}::text[],
        ${plainArray(items.map(({ pos }) => pos))}::bigint[]
      ) with ordinality as i (tenant_id, conversation_id, user_id, client_id, pos, n)
    ),
    judged as materialized (
      select i.*, c.conversation_id is not null as found, p.user_id is not null as member,
        least(i.pos, c.last_seq) as reached
      from item i
      left join conversations c
        on c.conversation_id = i.conversation_id and c.tenant_id = i.tenant_id and c.deleted_at is null
      left join participants p on p.conversation_id = c.conversation_id and p.user_id = i.user_id
    ),
    stored as (
      insert into device_cursors as d (conversation_id, user_id, client_id, tenant_id, acked_seq)
      select conversation_id, user_id, client_id, tenant_id, max(reached)
      from judged j
      where member and not exists (
        select from device_cursors d
        where d.conversation_id = j.conversation_id and d.user_id = j.user_id and d.client_id = j.client_id
          and d.acked_seq >= j.reached
      )
      group by conversation_id, user_id, client_id, tenant_id
      order by conversation_id, user_id, client_id collate "C"
      on conflict (conversation_id, user_id, client_id) do update set acked_seq = excluded.acked_seq
      where d.acked_seq < excluded.acked_seq
    )
    select j.found, j.member,
      greatest(d.acked_seq, max(j.reached) over (partition by j.conversation_id, j.user_id, j.client_id)) as pos
    from judged j
    left join device_cursors d using (conversation_id, user_id, client_id)
    order by j.n`;
  return rows.map((row) => refusal(row) ?? { pos: row.pos });
}
