/**
 * Blocks. A dm of two of whom one has blocked the other is closed to both: each is muted in it without an end, so that the
 * send path, changes and typing judge it as they judge every mute, and neither learns who has blocked whom. Nobody else is
 * muted in a dm.
 *
 * Invariant: a block and the state of the dm change in one transaction, under the lock of the dm; without a dm, under that
 * of `lockBlocks`, so that none begins meanwhile.
 */
import { ChatError } from '@messagecore/protocol';
import { and, eq, isNull, sql as part } from '../../platform/database/drizzle.ts';
import type { Actor } from '../identity/caller.ts';
import { findBlocked, insertBlock, isBlocked, lockBlocks, removeBlock } from '../users/blocks.ts';
import { resolveAnyUser } from '../users/user-queries.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { changeConversation, type ConversationDeps, type LockedConversation } from './conversation-transaction.ts';
import { conversations, dmPairs, participants } from './tables.ts';

/** What else ends when a user blocks another, in the same transaction. */
export type OnBlock = (tx: Transaction, user: Actor, blocked: string) => Promise<void>;

export interface BlockDeps extends ConversationDeps {
  readonly onBlock: readonly OnBlock[];
}

/** From the commit on, nothing is sent in the dm of the two. Doing it again changes nothing. Throws `not_found`. */
export async function blockUser(deps: BlockDeps, user: Actor, ref: string): Promise<void> {
  const other = await resolveAnyUser(deps.sql, user, ref);
  if (other === user.uid) throw new ChatError('bad_request', 'user: nobody blocks themselves');
  await changePair(deps, user, other, async (tx) => {
    const isNew = await insertBlock(tx, user, other);
    for (const end of deps.onBlock) if (isNew) await end(tx, user, other);
  });
}

/** The dm opens again unless the other one blocks, too. Doing it again changes nothing. Throws `not_found`. */
export async function unblockUser(deps: BlockDeps, user: Actor, ref: string): Promise<void> {
  // A guest may see no more whom it has blocked.
  const other = (await findBlocked(deps.sql, user, ref)) ?? (await resolveAnyUser(deps.sql, user, ref));
  await changePair(deps, user, other, (tx) => removeBlock(tx, { uid: user.uid, blocked: other }));
}

/** Attempts while the dm of the two is made or deleted by others. */
const ATTEMPTS = 5;

async function changePair(
  deps: BlockDeps,
  user: Actor,
  other: string,
  change: (tx: Transaction) => Promise<void>,
): Promise<void> {
  const pair = [user.uid, other].toSorted();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const cid = await findDm(deps.sql, user.tid, pair);
    const isDone = await (cid === undefined
      ? changeWithoutDm(deps, user, pair, change)
      : changeWithDm(deps, user, pair, cid, change));
    if (isDone) return;
  }
  throw new ChatError('conflict', 'the dm is created and deleted again and again');
}

/** False when a dm has begun. */
function changeWithoutDm(
  { sql }: BlockDeps,
  { tid, uid }: Actor,
  pair: readonly string[],
  change: (tx: Transaction) => Promise<void>,
): Promise<boolean> {
  return sql.begin(async (tx) => {
    await lockBlocks(tx, uid);
    if ((await findDm(tx, tid, pair)) !== undefined) return false;
    await change(tx);
    return true;
  });
}

/** False when the dm is deleted. */
async function changeWithDm(
  deps: BlockDeps,
  user: Actor,
  pair: readonly string[],
  cid: string,
  change: (tx: Transaction) => Promise<void>,
): Promise<boolean> {
  try {
    await changeConversation(deps, user, cid, async (held) => {
      await lockBlocks(held.tx, user.uid);
      await change(held.tx);
      return closeOrOpen(held, pair);
    });
    return true;
  } catch (error) {
    if (error instanceof ChatError && error.code === 'not_found') return false;
    throw error;
  }
}

/** The largest date, as the end of what has none. */
export const NEVER_MS = 8.64e15;

/** Makes the two of a locked dm muted if one blocks the other, else not. */
export async function closeOrOpen({ tx, cid }: Pick<LockedConversation, 'tx' | 'cid'>, pair: readonly string[]) {
  const [a = '', b = ''] = pair;
  const closed = await isBlocked(tx, a, b);
  const isOther = closed ? isNull(participants.mutedUntil) : part`${participants.mutedUntil} is not null`;
  const { count } = await db(tx)
    .update(participants)
    .set({ mutedUntil: closed ? part`'infinity'` : null })
    .where(and(eq(participants.conversationId, cid), isOther));
  if (count === 0) return { result: undefined, event: undefined, mutedUntil: undefined };
  const mutedUntil = closed ? NEVER_MS : null;
  return { result: undefined, event: 'muted' as const, users: pair, notify: pair, mutedUntil, access: true };
}

/** Of two users in the order of their ids. */
export async function findDm(
  sql: Sql | Transaction,
  tid: string,
  pair: readonly string[],
): Promise<string | undefined> {
  const [userA = '', userB = ''] = pair;
  const { conversationId, deletedAt } = conversations;
  const [found] = await db(sql)
    .select({ cid: conversationId })
    .from(dmPairs)
    .innerJoin(conversations, and(eq(conversationId, dmPairs.conversationId), isNull(deletedAt)))
    .where(and(eq(dmPairs.tenantId, tid), eq(dmPairs.userA, userA), eq(dmPairs.userB, userB)));
  return found?.cid;
}
