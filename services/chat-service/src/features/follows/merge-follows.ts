import type { MergePart } from '../../core/users/merge.saga.ts';
import { noteMove, takeMove } from '../../core/users/moves.ts';
import { readFollows } from './follow-data.ts';
import { deleteFollows, type Follow, insertFollows } from './write-follows.ts';

const PART = 'follows';

/** Follows go over with a merge, on both sides, one a piece. */
export const mergeFollows: MergePart = {
  name: PART,
  async move(tx, merging) {
    const [follow] = await readFollows(tx, merging.from, 1);
    if (follow === undefined) return false;
    await deleteFollows(tx, [follow]);
    const heir = withUser(follow, merging.from, merging.into);
    const made = heir.uid === heir.followed ? 0 : await insertFollows(tx, merging.tid, [heir]);
    await noteMove(tx, merging, PART, { key: `${follow.uid} ${follow.followed}`, before: { isNew: made === 1 } });
    return true;
  },
  async moveBack(tx, merging) {
    const move = await takeMove(tx, merging, PART);
    if (move === undefined) return false;
    const [uid = '', followed = ''] = move.key.split(' ');
    const { isNew } = move.before as { isNew: boolean };
    if (isNew) await deleteFollows(tx, [withUser({ uid, followed }, merging.from, merging.into)]);
    await insertFollows(tx, merging.tid, [{ uid, followed }]);
    return true;
  },
};

function withUser({ uid, followed }: Follow, from: string, into: string): Follow {
  return { uid: uid === from ? into : uid, followed: followed === from ? into : followed };
}
