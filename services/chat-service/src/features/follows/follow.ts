import { ChatError } from '@messagecore/protocol';
import type { Actor } from '../../core/identity/caller.ts';
import { checkNotBlocked, holdBlocks } from '../../core/users/blocks.ts';
import { getUser } from '../../core/users/user-queries.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { deleteFollows, insertFollows } from './write-follows.ts';

/** Doing it again changes nothing. Throws `not_found`, and `blocked` when one of the two has blocked the other. */
export async function follow(sql: Sql, actor: Actor, ref: string): Promise<void> {
  const { userId: followed } = await getUser(sql, actor, ref);
  const { tid, uid } = actor;
  if (followed === uid) throw new ChatError('bad_request', 'user: nobody follows themselves');
  await sql.begin(async (tx) => {
    await holdBlocks(tx, [uid, followed]);
    await checkNotBlocked(tx, uid, followed);
    await insertFollows(tx, tid, [{ uid, followed }]);
  });
}

/** Doing it again changes nothing. Throws `not_found`. */
export async function unfollow(sql: Sql, actor: Actor, ref: string): Promise<void> {
  const { userId: followed } = await getUser(sql, actor, ref);
  await sql.begin((tx) => deleteFollows(tx, [{ uid: actor.uid, followed }]));
}
