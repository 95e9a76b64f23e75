import type { Transaction } from '../../platform/database/connect.ts';
import type { MergePart } from '../../core/users/merge.saga.ts';
import { type Merging, noteMoves, takeMoves } from '../../core/users/moves.ts';
import { readFollows } from './follow-data.ts';
import { deleteFollows, type Follow, holdCounts, insertFollows } from './write-follows.ts';

const PART = 'follows';
/** Follows in one transaction. */
const PIECE = 500;

/** Follows go over with a merge, on both sides. */
export const mergeFollows: MergePart = {
  name: PART,
  async move(tx, merging) {
    const { tid, from, into } = merging;
    const found = await readFollows(tx, from, PIECE);
    await holdCountsOf(tx, merging, found);
    const follows = await deleteFollows(tx, found);
    const heirs = follows.map((follow) => withUser(follow, from, into)).filter(({ uid, followed }) => uid !== followed);
    const made = new Set((await insertFollows(tx, tid, heirs)).map(keyOf));
    const isNew = (follow: Follow) => made.has(keyOf(withUser(follow, from, into)));
    const moves = follows.map((follow) => ({ key: keyOf(follow), before: { isNew: isNew(follow) } }));
    await noteMoves(tx, merging, PART, moves);
    return found.length > 0;
  },
  async moveBack(tx, merging) {
    const moves = await takeMoves(tx, merging, PART, PIECE);
    const follows = moves.map(({ key, before }) => ({ ...followOf(key), ...(before as { readonly isNew: boolean }) }));
    await holdCountsOf(tx, merging, follows);
    const made = follows.filter(({ isNew }) => isNew).map((follow) => withUser(follow, merging.from, merging.into));
    await deleteFollows(tx, made);
    await insertFollows(tx, merging.tid, follows);
    return moves.length > 0;
  },
};

const holdCountsOf = (tx: Transaction, { tid, from, into }: Merging, follows: readonly Follow[]) =>
  holdCounts(tx, tid, [{ uid: from, followed: into }, ...follows]);

const keyOf = ({ uid, followed }: Follow) => `${uid} ${followed}`;

function followOf(key: string): Follow {
  const [uid = '', followed = ''] = key.split(' ');
  return { uid, followed };
}

function withUser({ uid, followed }: Follow, from: string, into: string): Follow {
  return { uid: uid === from ? into : uid, followed: followed === from ? into : followed };
}
