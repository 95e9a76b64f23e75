/** What a merge has moved from one user to another, so that it can be moved back. */
import { and, eq } from 'drizzle-orm';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { userMoves } from './tables.ts';

export interface Merging {
  readonly tid: string;
  /** Who is merged into `into`. */
  readonly from: string;
  readonly into: string;
}

export interface Move {
  readonly key: string;
  /** What `moveBack` needs. */
  readonly before: unknown;
}

const isOf = ({ from }: Merging, part: string) => and(eq(userMoves.fromId, from), eq(userMoves.part, part));

/** In the transaction that moves it. */
export async function noteMove(tx: Transaction, merging: Merging, part: string, { key, before }: Move): Promise<void> {
  await db(tx).insert(userMoves).values({ fromId: merging.from, tenantId: merging.tid, part, key, before });
}

/** One move that is to be taken back by this transaction, and forgotten; undefined when there is none left. */
export async function takeMove(tx: Transaction, merging: Merging, part: string): Promise<Move | undefined> {
  const [move] = await db(tx)
    .select({ key: userMoves.key, before: userMoves.before })
    .from(userMoves)
    .where(isOf(merging, part))
    .orderBy(userMoves.key)
    .limit(1);
  if (move === undefined) return undefined;
  await db(tx)
    .delete(userMoves)
    .where(and(isOf(merging, part), eq(userMoves.key, move.key)));
  return move;
}

/** When the merge is done. */
export async function forgetMoves(tx: Transaction, { from }: Merging): Promise<void> {
  await db(tx).delete(userMoves).where(eq(userMoves.fromId, from));
}
