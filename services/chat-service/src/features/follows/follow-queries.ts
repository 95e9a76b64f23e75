import { UserId } from '@messagecore/protocol';
import type { FollowCounts, Page, PageQuery, User } from '@messagecore/protocol/features';
import { and, eq, gt, ne } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import type { Reader } from '../../core/identity/caller.ts';
import { userProfiles, users } from '../../core/users/tables.ts';
import { isProfile, userColumns, viewUsers } from '../../core/users/user-view.ts';
import { isListed } from '../../core/users/visible-users.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { followCounts, userFollows } from './tables.ts';

const PageKey = z.tuple([UserId]);
const { userId, followedId } = userFollows;

/** Who follows the user, or whom the user follows, by id, a page at a time. Who is not for the reader is left out. */
export async function listFollows(
  sql: Sql,
  reader: Reader,
  uid: string,
  side: 'followers' | 'following',
  { limit, cursor }: PageQuery,
): Promise<Page<User>> {
  const [of, listed] = side === 'followers' ? [followedId, userId] : [userId, followedId];
  const after = decodeCursor(cursor, PageKey)?.[0];
  // The page first: a join in the order of the ids would begin with the lowest of all users.
  const page = db(sql)
    .select({ id: listed })
    .from(userFollows)
    .where(and(eq(of, uid), after === undefined ? undefined : gt(listed, after)))
    .orderBy(listed)
    .limit(limit + 1)
    .as('page');
  const [ids, rows] = await Promise.all([
    db(sql).select({ id: page.id }).from(page).orderBy(page.id),
    db(sql)
      .select(userColumns)
      .from(page)
      .innerJoin(users, and(eq(users.id, page.id), ne(users.status, 'deleted')))
      .leftJoin(userProfiles, isProfile)
      .where(await isListed(sql, reader))
      .orderBy(page.id),
  ]);
  const last = ids.length > limit ? ids[limit - 1]?.id : undefined;
  const shown = rows.filter((row) => last === undefined || row.userId <= last);
  return { items: await viewUsers(sql, reader, shown), next: last === undefined ? null : encodeCursor([last]) };
}

/** Two rows and two look-ups, whatever the numbers. */
export async function countFollows(sql: Sql, { uid: reader }: Reader, uid: string): Promise<FollowCounts> {
  const { followers, following } = followCounts;
  const [counts] = await db(sql)
    .select({ followers, following })
    .from(followCounts)
    .where(eq(followCounts.userId, uid));
  const { followers: many = 0, following: others = 0 } = counts ?? {};
  if (reader === undefined || reader === uid) {
    return { followers: many, following: others, followed: null, followsBack: null };
  }
  const [followed, followsBack] = await Promise.all([follows(sql, reader, uid), follows(sql, uid, reader)]);
  return { followers: many, following: others, followed, followsBack };
}

async function follows(sql: Sql, uid: string, followed: string): Promise<boolean> {
  return (await db(sql).$count(userFollows, and(eq(userId, uid), eq(followedId, followed)))) > 0;
}
