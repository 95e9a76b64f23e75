/** Who has blocked whom. What a block does elsewhere: core/conversations/block-user.ts. */
import { ChatError, LIMITS, UserId } from '@messagecore/protocol';
import type { BlockedUser, Page, PageQuery } from '@messagecore/protocol/features';
import { and, eq, gt, or } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import type { Actor } from '../identity/caller.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf, millis } from '../../platform/database/expressions.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { userBlocks, users } from './tables.ts';
import { isNamedBy } from './user-queries.ts';

const { userId, blockedId, createdAt } = userBlocks;

/** Until the transaction ends, no dm with the user begins, and nobody else writes the user's blocks. */
export async function lockBlocks(tx: Transaction, uid: string): Promise<void> {
  await db(tx).select({ id: users.id }).from(users).where(eq(users.id, uid)).for('no key update');
}

/** The other side of `lockBlocks`, for the transaction that depends on what these users block. After the lock of a conversation. */
export async function holdBlocks(tx: Transaction, uids: readonly string[]): Promise<void> {
  await db(tx)
    .select({ id: users.id })
    .from(users)
    .where(isAnyOf(users.id, [...uids]))
    .orderBy(users.id)
    .for('share');
}

/** Under `lockBlocks`. False when it was there already. Throws `conflict` at the bound. */
export async function insertBlock(tx: Transaction, { tid, uid }: Actor, blocked: string): Promise<boolean> {
  if ((await db(tx).$count(userBlocks, eq(userId, uid))) >= LIMITS.blocksPerUser) {
    throw new ChatError('conflict', `a user blocks ${LIMITS.blocksPerUser} others at most`);
  }
  return putBlock(tx, tid, { uid, blocked });
}

/** The same without a bound. */
export async function putBlock(tx: Transaction, tid: string, { uid, blocked }: Block): Promise<boolean> {
  const { count } = await db(tx)
    .insert(userBlocks)
    .values({ userId: uid, blockedId: blocked, tenantId: tid })
    .onConflictDoNothing();
  return count === 1;
}

/** Under `lockBlocks`. One that is not there changes nothing. */
export async function removeBlock(tx: Transaction, { uid, blocked }: Block): Promise<void> {
  await db(tx).delete(userBlocks).where(isBlock(uid, blocked));
}

export interface Block {
  readonly uid: string;
  readonly blocked: string;
}

/** Any block of the user or by somebody of the user; undefined when there is none. */
export async function findBlockOf(tx: Transaction, uid: string): Promise<Block | undefined> {
  const [block] = await db(tx)
    .select({ uid: userId, blocked: blockedId })
    .from(userBlocks)
    .where(or(eq(userId, uid), eq(blockedId, uid)))
    .limit(1);
  return block;
}

/** Whom of those that the user has blocked an id or an external id names; undefined when it is none of them. */
export async function findBlocked(sql: Sql, { tid, uid }: Actor, ref: string): Promise<string | undefined> {
  const [found] = await db(sql)
    .select({ blocked: blockedId })
    .from(userBlocks)
    .innerJoin(users, eq(users.id, blockedId))
    .where(and(eq(userId, uid), isNamedBy(tid, ref)));
  return found?.blocked;
}

const isBlock = (uid: string, blocked: string) => and(eq(userId, uid), eq(blockedId, blocked));

/** Whether one of the two has blocked the other. */
export async function isBlocked(sql: Sql | Transaction, a: string, b: string): Promise<boolean> {
  return (await db(sql).$count(userBlocks, or(isBlock(a, b), isBlock(b, a)))) > 0;
}

/** Throws `blocked`, for both of the two alike: it does not say who has blocked whom. */
export async function checkNotBlocked(sql: Sql | Transaction, a: string, b: string): Promise<void> {
  if (await isBlocked(sql, a, b)) throw new ChatError('blocked');
}

/**
 * The user is not to add or invite who has blocked them. Until the transaction ends none of the invited blocks anybody. Throws
 * `blocked`, and does not say who has blocked.
 */
export async function checkMayInvite(
  tx: Transaction,
  uid: string | undefined,
  invited: readonly string[],
): Promise<void> {
  if (uid === undefined || invited.length === 0) return;
  await holdBlocks(tx, invited);
  const isByInvited = and(eq(blockedId, uid), isAnyOf(userId, [...invited]));
  if ((await db(tx).$count(userBlocks, isByInvited)) > 0) throw new ChatError('blocked');
}

const PageKey = z.tuple([UserId]);

/** Whom the user has blocked, by id, a page at a time. */
export async function listBlocks(sql: Sql, { uid }: Actor, { limit, cursor }: PageQuery): Promise<Page<BlockedUser>> {
  const after = decodeCursor(cursor, PageKey)?.[0];
  const rows = await db(sql)
    .select({ userId: blockedId, displayName: users.displayName, blockedAt: millis(createdAt) })
    .from(userBlocks)
    .innerJoin(users, eq(users.id, blockedId))
    .where(and(eq(userId, uid), after === undefined ? undefined : gt(blockedId, after)))
    .orderBy(blockedId)
    .limit(limit + 1);
  return pageOf(rows, limit, (last) => [last.userId]);
}
