import { ChatError, LIMITS } from '@messagecore/protocol';
import { and, eq, gt } from '../../platform/database/drizzle.ts';
import type { Actor } from '../../core/identity/caller.ts';
import { checkNotBlocked, holdBlocks } from '../../core/users/blocks.ts';
import { getUser } from '../../core/users/user-queries.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { followCounts } from './tables.ts';
import { deleteFollows, insertFollows } from './write-follows.ts';

/**
 * Doing it again changes nothing. Throws `not_found`, `blocked` when one of the two has blocked the other, and `too_large` at
 * the bound.
 */
export async function follow(sql: Sql, actor: Actor, ref: string): Promise<void> {
  const { userId: followed } = await getUser(sql, actor, ref);
  const { tid, uid } = actor;
  if (followed === uid) throw new ChatError('bad_request', 'user: nobody follows themselves');
  await sql.begin(async (tx) => {
    await holdBlocks(tx, [uid, followed]);
    await checkNotBlocked(tx, uid, followed);
    const made = await insertFollows(tx, tid, [{ uid, followed }]);
    if (made.length > 0) await checkBound(tx, uid);
  });
}

/** Behind the insertion, which holds the row of counts. */
async function checkBound(tx: Transaction, uid: string): Promise<void> {
  const isOver = and(eq(followCounts.userId, uid), gt(followCounts.following, LIMITS.followsPerUser));
  if ((await db(tx).$count(followCounts, isOver)) === 0) return;
  throw new ChatError('too_large', `a user follows ${LIMITS.followsPerUser} others at most`);
}

/** Doing it again changes nothing. Throws `not_found`. */
export async function unfollow(sql: Sql, actor: Actor, ref: string): Promise<void> {
  const { userId: followed } = await getUser(sql, actor, ref);
  await sql.begin((tx) => deleteFollows(tx, [{ uid: actor.uid, followed }]));
}
