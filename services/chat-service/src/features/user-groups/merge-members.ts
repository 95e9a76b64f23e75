/** Raw SQL: rows that change their user in one statement. */
import type { MergePart } from '../../core/users/merge.saga.ts';
import { noteMoves, takeMoves } from '../../core/users/moves.ts';
import { lockGroups, lockGroupsOf } from './lock-groups.ts';

const PART = 'user groups';
/** Memberships in one transaction. */
const PIECE = 500;

interface Before {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whether the survivor did not belong to the group. */
  readonly isNew: boolean;
}

/** The survivor belongs to the groups of both. */
export const mergeMemberships: MergePart = {
  name: PART,
  async move(tx, merging) {
    const { from, into } = merging;
    await lockGroupsOf(tx, from);
    const moved = await tx<(Before & { key: string })[]>`
      with gone as (
        delete from user_group_members
        where ctid = any(array(select ctid from user_group_members where user_id = ${from} limit ${PIECE}))
        returning *
      ), come as (
        insert into user_group_members (group_id, user_id, tenant_id, added_at)
        select group_id, ${into}::uuid, tenant_id, added_at from gone on conflict do nothing returning group_id
      )
      select gone.group_id::text as key, (extract(epoch from gone.added_at) * 1000)::float8 as at,
        come.group_id is not null as "isNew"
      from gone left join come using (group_id)`;
    const moves = moved.map(({ key, at, isNew }) => ({ key, before: { at, isNew } satisfies Before }));
    await noteMoves(tx, merging, PART, moves);
    return moved.length > 0;
  },
  async moveBack(tx, merging) {
    const moves = await takeMoves(tx, merging, PART, PIECE);
    await lockGroups(
      tx,
      moves.map(({ key }) => key),
    );
    const made = moves.filter(({ before }) => (before as Before).isNew).map(({ key }) => key);
    await tx`delete from user_group_members where user_id = ${merging.into} and group_id = any(${made}::uuid[])`;
    // Of groups that are still there.
    await tx`
      insert into user_group_members (group_id, user_id, tenant_id, added_at)
      select g.id, ${merging.from}::uuid, g.tenant_id, to_timestamp(old.at / 1000)
      from unnest(
        ${moves.map(({ key }) => key)}::uuid[], ${moves.map(({ before }) => (before as Before).at)}::float8[]
      ) as old (id, at) join user_groups g on g.id = old.id and g.tenant_id = ${merging.tid}
      on conflict do nothing`;
    return moves.length > 0;
  },
};
