/**
 * Invariant: `follow_counts` counts the rows of `user_follows`: both are written by one statement. The rows of counts are locked
 * before those of follows, in the order of the ids, those that are not there yet too, so that of two who write the same none waits
 * for the other for ever.
 *
 * Raw SQL: many follows and their counts in one statement.
 */
import type { Transaction } from '../../platform/database/connect.ts';

export interface Follow {
  readonly uid: string;
  readonly followed: string;
}

/** Those that are there already stay as they are. Returns those that are new. */
export async function insertFollows(
  tx: Transaction,
  tid: string,
  follows: readonly Follow[],
): Promise<readonly Follow[]> {
  await holdCounts(tx, tid, follows);
  return tx<Follow[]>`
    with made as (
      insert into user_follows (user_id, followed_id, tenant_id)
      select uid, followed, ${tid}::uuid from unnest(
        ${follows.map(({ uid }) => uid)}::uuid[], ${follows.map(({ followed }) => followed)}::uuid[]
      ) as follow(uid, followed)
      on conflict do nothing returning user_id, followed_id
    ),
    counted as (
      insert into follow_counts as c (user_id, tenant_id, followers, following)
      select uid, ${tid}::uuid, sum(followers), sum(following) from (
        select user_id as uid, 0 as followers, 1 as following from made
        union all select followed_id, 1, 0 from made
      ) sides group by uid order by uid
      on conflict (user_id) do update
        set followers = c.followers + excluded.followers, following = c.following + excluded.following
    )
    select user_id as uid, followed_id as followed from made`;
}

/** Those that are not there change nothing. Returns those that were. */
export async function deleteFollows(tx: Transaction, follows: readonly Follow[]): Promise<readonly Follow[]> {
  // Whoever makes one of these follows holds both rows of counts: of a row that is not there yet none can be deleted.
  await tx`
    select from follow_counts where user_id = any(${usersOf(follows)}::uuid[]) order by user_id for no key update`;
  return tx<Follow[]>`
    with gone as (
      delete from user_follows f using unnest(
        ${follows.map(({ uid }) => uid)}::uuid[], ${follows.map(({ followed }) => followed)}::uuid[]
      ) as follow(uid, followed)
      where f.user_id = uid and f.followed_id = followed
      returning f.user_id, f.followed_id, f.tenant_id
    ),
    counted as (
      insert into follow_counts as c (user_id, tenant_id)
      select uid, tenant_id from (
        select user_id as uid, tenant_id from gone union select followed_id, tenant_id from gone
      ) sides order by uid
      on conflict (user_id) do update set
        followers = c.followers - (select count(*) from gone where followed_id = c.user_id),
        following = c.following - (select count(*) from gone where gone.user_id = c.user_id)
    )
    select user_id as uid, followed_id as followed from gone`;
}

/** Who writes several times in one transaction calls it before, for all that is written. */
export async function holdCounts(tx: Transaction, tid: string, follows: readonly Follow[]): Promise<void> {
  await tx`
    insert into follow_counts as c (user_id, tenant_id)
    select distinct uid, ${tid}::uuid from unnest(${usersOf(follows)}::uuid[]) as uid order by uid
    on conflict (user_id) do update set followers = c.followers`;
}

const usersOf = (follows: readonly Follow[]): string[] => follows.flatMap(({ uid, followed }) => [uid, followed]);
