/** What a merge has moved from one user to another, so that it can be moved back. */
import { and, eq, inArray } from '../../platform/database/drizzle.ts';
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
export const noteMove = (tx: Transaction, merging: Merging, part: string, move: Move): Promise<void> =>
  noteMoves(tx, merging, part, [move]);

export async function noteMoves(
  tx: Transaction,
  { from, tid }: Merging,
  part: string,
  moves: readonly Move[],
): Promise<void> {
  if (moves.length === 0) return;
  await db(tx)
    .insert(userMoves)
    .values(moves.map(({ key, before }) => ({ fromId: from, tenantId: tid, part, key, before })));
}

/** One move that is to be taken back by this transaction, and forgotten; undefined when there is none left. */
export async function takeMove(tx: Transaction, merging: Merging, part: string): Promise<Move | undefined> {
  const [move] = await takeMoves(tx, merging, part, 1);
  return move;
}

/** So many of them at most; none when there is none left. */
export async function takeMoves(tx: Transaction, merging: Merging, part: string, most: number): Promise<Move[]> {
  const moves = await db(tx)
    .select({ key: userMoves.key, before: userMoves.before })
    .from(userMoves)
    .where(isOf(merging, part))
    .orderBy(userMoves.key)
    .limit(most);
  const keys = moves.map(({ key }) => key);
  if (keys.length > 0)
    await db(tx)
      .delete(userMoves)
      .where(and(isOf(merging, part), inArray(userMoves.key, keys)));
  return moves;
}

/** When the merge is done. */
export async function forgetMoves(tx: Transaction, { from }: Merging): Promise<void> {
  await db(tx).delete(userMoves).where(eq(userMoves.fromId, from));
}
