/**
 * Blocks go over with a merge, those of the merged user and those by others, one a piece; the survivor's dm with the other one
 * is closed or opened with it.
 *
 * Raw SQL: a row lock.
 */
import { type Block, findBlockOf, lockBlocks, putBlock, removeBlock } from '../users/blocks.ts';
import type { MergePart } from '../users/merge.saga.ts';
import { type Merging, noteMove, takeMove } from '../users/moves.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { closeOrOpen, findDm } from './block-user.ts';
import { announceOf } from './merge-announcements.ts';

const PART = 'blocks';

export const blocks: MergePart = {
  name: PART,
  async move(tx, merging) {
    const block = await findBlockOf(tx, merging.from);
    if (block === undefined) return false;
    const heir = withUser(block, merging.from, merging.into);
    await changeDm(tx, merging, heir, async () => {
      await removeBlock(tx, block);
      const isNew = heir.uid !== heir.blocked && (await putBlock(tx, merging.tid, heir));
      await noteMove(tx, merging, PART, { key: `${block.uid} ${block.blocked}`, before: { isNew } });
    });
    return true;
  },
  async moveBack(tx, merging) {
    const move = await takeMove(tx, merging, PART);
    if (move === undefined) return false;
    const [uid = '', blocked = ''] = move.key.split(' ');
    const heir = withUser({ uid, blocked }, merging.from, merging.into);
    await changeDm(tx, merging, heir, async () => {
      if ((move.before as { isNew: boolean }).isNew) await removeBlock(tx, heir);
      await putBlock(tx, merging.tid, { uid, blocked });
    });
    return true;
  },
};

function withUser({ uid, blocked }: Block, from: string, into: string): Block {
  return { uid: uid === from ? into : uid, blocked: blocked === from ? into : blocked };
}

/** Changes a block under the lock of the dm of the two, if there is one, and of the one who blocks. */
async function changeDm(
  tx: Transaction,
  { tid }: Merging,
  { uid, blocked }: Block,
  change: () => Promise<void>,
): Promise<void> {
  const pair = [uid, blocked].toSorted();
  const cid = await findDm(tx, tid, pair);
  if (cid === undefined) {
    await lockBlocks(tx, uid);
    if ((await findDm(tx, tid, pair)) !== undefined) throw new Error('a dm of the two has begun: to be tried again');
    return change();
  }
  await tx`select from conversations where conversation_id = ${cid} for update`;
  await lockBlocks(tx, uid);
  await change();
  const closed = await closeOrOpen({ tx, cid }, pair);
  if (closed.event !== undefined) await announceOf({ tx, tid, cid }, closed);
}
