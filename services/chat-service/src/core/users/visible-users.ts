/**
 * Which users a reader sees. A guest sees those with whom it shares a conversation; nobody's lists show whom they have
 * blocked.
 *
 * Raw SQL: parts of typed statements; participants are above users.
 */
import { and, eq, notExists, or, type SQL, sql as part } from '../../platform/database/drizzle.ts';
import type { Reader } from '../identity/caller.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { userBlocks, users } from './tables.ts';

/** For one user or a few: the condition is asked of each. */
export function isVisible({ uid }: Reader): SQL | undefined {
  if (uid === undefined) return undefined;
  const isNoGuest = part`not exists (select from users reader where reader.id = ${uid} and reader.role = 'guest')`;
  const sharesOne = part`exists (
    select from participants own join participants other using (conversation_id)
    where own.user_id = ${uid} and other.user_id = ${users.id}
  )`;
  return or(isNoGuest, eq(users.id, uid), sharesOne);
}

/** For a list of many: a guest's is made of its conversations. */
export async function isListed(sql: Sql | Transaction, { uid }: Reader): Promise<SQL | undefined> {
  if (uid === undefined) return undefined;
  const [reader] = await db(sql).select({ role: users.role }).from(users).where(eq(users.id, uid));
  const isShared = part`${users.id} in (
    select other.user_id from participants own join participants other using (conversation_id)
    where own.user_id = ${uid}
  )`;
  return and(isNotBlockedBy(sql, uid), reader?.role === 'guest' ? or(eq(users.id, uid), isShared) : undefined);
}

function isNotBlockedBy(sql: Sql | Transaction, uid: string): SQL {
  const { userId, blockedId } = userBlocks;
  const blocks = db(sql)
    .select({ one: part`1` })
    .from(userBlocks)
    .where(and(eq(userId, uid), eq(blockedId, users.id)));
  return notExists(blocks);
}
