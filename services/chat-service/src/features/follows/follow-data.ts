import { eq, or } from '../../platform/database/drizzle.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { followCounts, userFollows } from './tables.ts';
import { deleteFollows, type Follow } from './write-follows.ts';

export const followData: UserData = {
  name: 'follows',
  async erase(tx, { uid }, most) {
    const follows = await readFollows(tx, uid, most);
    await deleteFollows(tx, follows);
    if (follows.length < most) await db(tx).delete(followCounts).where(eq(followCounts.userId, uid));
    return follows.length;
  },
};

/** Rows that name the user on either side, so many at most. */
export function readFollows(tx: Transaction, uid: string, most: number): Promise<Follow[]> {
  const { userId, followedId } = userFollows;
  return db(tx)
    .select({ uid: userId, followed: followedId })
    .from(userFollows)
    .where(or(eq(userId, uid), eq(followedId, uid)))
    .limit(most);
}
